#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dsnwatch::core {

/// Why a recipient was refused: 45 stable identifiers in 8 categories. The order is part of the stored data
/// (ledger): append, never reorder.
enum class Cause : std::uint8_t {
  kUnknown,
  // authentication
  kSpfFail,
  kDkimFail,
  kDmarcFail,
  kUnauthenticated,
  kPtrMissing,
  kHeloInvalid,
  kSenderInvalid,
  // reputation
  kIpBlocklisted,
  kIpBlocked,
  kDomainBlocklisted,
  kIpReputation,
  kDomainReputation,
  kListQuality,
  kDynamicIp,
  // content
  kSpam,
  kMalware,
  kAttachmentBlocked,
  kUrlBlocked,
  kMessageTooLarge,
  kMalformed,
  // policy
  kPolicy,
  kRelayDenied,
  kRecipientRestricted,
  kSenderBlocked,
  kSenderSuspended,
  kTlsRequired,
  kSmtpAuthRequired,
  // rate
  kRateLimited,
  kTooManyConnections,
  kTooManyRecipients,
  kRecipientThrottled,
  kGreylisted,
  // recipient
  kUserUnknown,
  kBadAddressSyntax,
  kMailboxFull,
  kMailboxDisabled,
  kDomainNotFound,
  // network
  kDnsFailure,
  kConnectionFailed,
  kTlsFailed,
  kServerError,
  kProtocolError,
  kMailLoop,
  kExpired,
};
inline constexpr int kCauseCount = 45;

enum class Category : std::uint8_t {
  kUnknown,
  kAuthentication,
  kReputation,
  kContent,
  kPolicy,
  kRate,
  kRecipient,
  kNetwork,
};

/// What to do first about a verdict (`action` of `classify --json`).
enum class Action : std::uint8_t { kNone, kSuppress, kRetry, kSlow, kStop, kFix, kDelist, kContact };

/// What the verdict rests on, strongest first. `kNone`: nothing was recognised.
enum class Confidence : std::uint8_t { kVendor, kText, kStatus, kCode, kNone };

/// Stable identifiers as they stand in metrics, events and rules: "spf_fail", "authentication", "suppress", "vendor".
std::string_view name(Cause cause);
std::string_view name(Category category);
std::string_view name(Action action);
std::string_view name(Confidence confidence);

Category category_of(Cause cause);

/// One sentence in plain words: what the cause means for the sender.
std::string_view meaning(Cause cause);

/// What to do first about the cause where neither rule nor reply class says otherwise.
Action default_action(Cause cause);

std::optional<Cause> parse_cause(std::string_view name);

}  // namespace dsnwatch::core
