#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/attempt.h"
#include "core/classify/rule_spec.h"
#include "core/enhanced_status.h"
#include "core/provider.h"
#include "core/taxonomy.h"

namespace dsnwatch::core {

/// permanent | transient (design section 2: class).
enum class ReplyClass : std::uint8_t { kNone, kTransient, kPermanent };
std::string_view name(ReplyClass klass);  ///< "permanent", "transient", "".

/// Index of a public block list in `core/classify/blocklists.h`; 0: none, 1: a list that is not known ("other").
using BlocklistId = std::uint16_t;
inline constexpr BlocklistId kNoBlocklist = 0;
inline constexpr BlocklistId kOtherBlocklist = 1;
std::string_view blocklist_name(BlocklistId id);  ///< "spamhaus_zen"; "" for none.
BlocklistId blocklist_count();

/// What is known about a reply before it is read.
struct ReplyContext {
  std::string_view text;        ///< The reply as logged; continuation codes may stand inside.
  std::uint16_t smtp_code = 0;  ///< 0: take it from the text.
  std::string_view dsn;         ///< The MTA's own enhanced status, used where the text has none.
  Stage stage = Stage::kUnknown;
  Side side = Side::kAny;
  ProviderId provider = kNoProvider;               ///< From MX or recipient domain; the text may override it.
  AttemptResult result = AttemptResult::kBounced;  ///< For the class where there is no code at all.
  std::string_view remote_ip;                      ///< Never taken for our own address.
};

/// The answer. Views point into the classifier's scratch memory or the reply and are valid until its next call.
struct Verdict {
  Cause cause = Cause::kUnknown;
  std::uint8_t secondary_count = 0;
  std::array<Cause, 4> secondary{};
  Action action = Action::kNone;
  Confidence confidence = Confidence::kNone;
  ReplyClass klass = ReplyClass::kNone;
  EnhancedStatus enhanced;  ///< Design section 2; absent where not even a reply code is known.
  std::uint16_t smtp_code = 0;
  ProviderId provider = kOtherProvider;
  BlocklistId blocklist = kNoBlocklist;
  std::int32_t wait_seconds = -1;  ///< What the reply asks for; negative: nothing.
  std::string_view rule;         ///< Id of the rule that decided: "google.unauthenticated", "status.5.1.1", "code.550".
  std::string_view vendor_code;  ///< "S3150", "TSS04"
  std::string_view ip, domain, url;  ///< Extracted from the text: our sending IP, the domain or link it is about.
};

}  // namespace dsnwatch::core
