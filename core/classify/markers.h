#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace dsnwatch::core {

/// Words that the engine itself looks for, found by the same pass as the rules' literals. What stands in a reply tells
/// which of the slower looks are worth taking: most replies need none.
enum class Marker : std::uint8_t {
  kQuotedReply,      ///< A reply of another server may be quoted.
  kSenderCallback,   ///< A call-back to the sender's server failed.
  kExpiry,           ///< The queue lifetime is over.
  kAdvice,           ///< "please", "make sure": what follows may be no assertion.
  kPassed,           ///< "pass": a result may be a good one.
  kNotListed,        ///< "not listed"
  kPostfixRejected,  ///< "... rejected: REASON"
  kListReturnCode,   ///< "127." as a DNS list answers
  kWait,             ///< A wait may be asked for.
};

struct MarkerWord {
  std::string_view text;  ///< As in a normalised reply; a letter in front begins a word.
  Marker marker;
};

inline constexpr std::array kMarkerWords = std::to_array<MarkerWord>({
    {" said: ", Marker::kQuotedReply},
    {"refused to talk to me: ", Marker::kQuotedReply},
    {"smtp error from remote mail server after ", Marker::kQuotedReply},
    {"callout verification failed", Marker::kQuotedReply},
    {"recipient verify failed", Marker::kQuotedReply},
    {"<<< ", Marker::kQuotedReply},
    {"remote server returned", Marker::kQuotedReply},
    {"the response was:", Marker::kQuotedReply},
    {"response from the remote server was:", Marker::kQuotedReply},
    {"(reason: ", Marker::kQuotedReply},
    {"failure for one or more recipients (", Marker::kQuotedReply},
    {"delivery temporarily suspended: ", Marker::kQuotedReply},
    {"smtp;", Marker::kQuotedReply},
    {"last reply:", Marker::kQuotedReply},
    {"last error:", Marker::kQuotedReply},
    {"unknown address error ", Marker::kQuotedReply},
    {"other mail system problem ", Marker::kQuotedReply},
    {"sender verify failed", Marker::kSenderCallback},
    {"sender verification failed", Marker::kSenderCallback},
    {"sender callout verif", Marker::kSenderCallback},
    {"sender callback", Marker::kSenderCallback},
    {"sender address rejected: undeliverable address", Marker::kSenderCallback},
    {"sender address rejected: unverified address: ", Marker::kSenderCallback},
    {"delivery time expired", Marker::kExpiry},
    {"message expired", Marker::kExpiry},
    {"retry timeout exceeded", Marker::kExpiry},
    {"retry time not reached for any host after a long failure period", Marker::kExpiry},
    {"please ", Marker::kAdvice},
    {"make sure", Marker::kAdvice},
    {"ensure ", Marker::kAdvice},
    {"see ", Marker::kAdvice},
    {"should ", Marker::kAdvice},
    {"requires all ", Marker::kAdvice},
    {"require all ", Marker::kAdvice},
    {"recommend", Marker::kAdvice},
    {"pass", Marker::kPassed},
    {"not listed", Marker::kNotListed},
    {"no longer listed", Marker::kNotListed},
    {"client host rejected", Marker::kPostfixRejected},
    {"helo command rejected", Marker::kPostfixRejected},
    {"sender address rejected", Marker::kPostfixRejected},
    {"recipient address rejected", Marker::kPostfixRejected},
    {"end-of-message rejected", Marker::kPostfixRejected},
    {"end-of-data rejected", Marker::kPostfixRejected},
    {"127.", Marker::kListReturnCode},
    {"open resolver", Marker::kListReturnCode},
    {"retry", Marker::kWait},
    {"again", Marker::kWait},
    {"wait", Marker::kWait},
    {"greylist", Marker::kWait},
    {"graylist", Marker::kWait},
    {"grey list", Marker::kWait},
    {"gray list", Marker::kWait},
    {"later", Marker::kWait},
    {"defer", Marker::kWait},
    {"delay", Marker::kWait},
});

}  // namespace dsnwatch::core
