#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/providers.h"
#include "core/taxonomy.h"

namespace dsnwatch::core {

/// Whose words a rule is about: the remote server's, our own MTA's, or either's.
enum class Side : std::uint8_t { kAny, kRemote, kLocal };

/// One rule as its YAML file states it (design section 7); not yet checked.
struct RuleSpec {
  std::string id;  ///< Unique, dotted: "google.unauthenticated".
  Cause cause = Cause::kUnknown;
  std::vector<Cause> secondary;    ///< Further causes that the text asserts.
  std::string provider;            ///< Provider id; empty: any.
  std::vector<std::string> stage;  ///< "connect", "helo", "mail", "rcpt", "data", "eod"; empty: any.
  Side side = Side::kAny;
  std::vector<std::string> enhanced_code;  ///< "5.7.26", "5.7.x", "x.7.1"; empty: any.
  std::string code;                        ///< The vendor's own code that the pattern stands for ("S3150"); optional.
  std::string match;                       ///< RE2, case-insensitive, on the normalised reply.
  std::vector<std::pair<std::string, std::string>>
      extract;                    ///< ip, domain, url, wait, blocklist, code → RE2 with one group.
  std::string blocklist;          ///< Id of the public list that the rule is about; optional.
  Action action = Action::kNone;  ///< kNone: the cause's default.
  int rank = 0;                   ///< Place in the order of decision; see RuleSet.
  std::vector<std::string> examples;
  std::string reference;

  std::string file;  ///< Where it stands, for messages.
  int line = 0, column = 0;
};

/// The rules and providers that are built in (generated from core/rules/*.yaml and core/providers.yaml).
std::vector<RuleSpec> shipped_rules();
std::vector<ProviderSpec> shipped_providers();

}  // namespace dsnwatch::core
