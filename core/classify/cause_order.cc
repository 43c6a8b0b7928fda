#include "core/classify/cause_order.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace dsnwatch::core {
namespace {

using enum Cause;

constexpr std::array kOrder = {
    kDmarcFail, kUnauthenticated, kSpfFail, kDkimFail, kPtrMissing, kHeloInvalid,
    // lists: the narrower object first
    kUrlBlocked, kDomainBlocklisted, kIpBlocklisted, kIpBlocked,
    // reputation and content
    kListQuality, kIpReputation, kDomainReputation, kMalware, kAttachmentBlocked, kSpam, kMessageTooLarge, kMalformed,
    // access
    kRelayDenied, kDynamicIp, kTlsRequired, kSmtpAuthRequired, kRecipientRestricted, kSenderBlocked, kSenderInvalid,
    kSenderSuspended,
    // rate
    kTooManyRecipients, kTooManyConnections, kRecipientThrottled, kRateLimited, kGreylisted,
    // recipient
    kMailboxFull, kMailboxDisabled, kBadAddressSyntax, kUserUnknown, kDomainNotFound,
    // network
    kMailLoop, kTlsFailed, kDnsFailure, kProtocolError, kConnectionFailed, kServerError, kExpired,
    // what says least
    kPolicy, kUnknown};
static_assert(kOrder.size() == kCauseCount);

using Places = std::array<std::uint8_t, kCauseCount>;

struct Order {
  Places places{};
  std::uint8_t preferred = 0;  // the causes of the subject, which come first
};

constexpr Order places(std::initializer_list<Cause> first) {
  Order order{};
  order.preferred = static_cast<std::uint8_t>(first.size());
  Places& table = order.places;
  std::uint8_t place = 0;
  std::array<bool, kCauseCount> placed{};
  for (const Cause cause : first) {
    table[static_cast<std::size_t>(cause)] = place++;
    placed[static_cast<std::size_t>(cause)] = true;
  }
  for (const Cause cause : kOrder) {
    if (!placed[static_cast<std::size_t>(cause)]) table[static_cast<std::size_t>(cause)] = place++;
  }
  return order;
}

// By subject of the enhanced code (RFC 3463 section 3).
constexpr std::array<Order, 8> kOrders = {
    places({}),
    // addressing
    places({kMailboxFull, kMailboxDisabled, kBadAddressSyntax, kSenderInvalid, kUserUnknown, kDomainNotFound,
            kSenderSuspended, kSenderBlocked}),
    // mailbox
    places({kMailboxFull, kRecipientThrottled, kMailboxDisabled, kUserUnknown, kMessageTooLarge}),
    // mail system
    places({kMessageTooLarge, kTooManyConnections, kServerError}),
    // network and routing
    places({kMailLoop, kExpired, kTlsFailed, kDomainNotFound, kDnsFailure, kConnectionFailed, kServerError}),
    // protocol
    places({kTooManyRecipients, kBadAddressSyntax, kProtocolError}),
    // content
    places({kMalware, kAttachmentBlocked, kMalformed, kMessageTooLarge}),
    places({}),
};

const Order& order_of(int subject) {
  return kOrders[subject >= 0 && subject < 8 ? static_cast<std::size_t>(subject) : 0];
}

bool is_user_level(Cause cause) {
  return category_of(cause) == Category::kRecipient || cause == kRecipientThrottled || cause == kRecipientRestricted ||
         cause == kTooManyRecipients;
}

bool judges_message(Cause cause) {
  return cause == kDkimFail || cause == kDmarcFail || cause == kMalware || cause == kMalformed ||
         cause == kAttachmentBlocked;
}

}  // namespace

std::uint8_t cause_place(Cause cause, int subject) {
  return order_of(subject).places[static_cast<std::size_t>(cause)];
}

bool is_of_subject(Cause cause, int subject) {
  return cause_place(cause, subject) < order_of(subject).preferred;
}

StageFit stage_fit(Cause cause, Stage stage) {
  switch (stage) {
    case Stage::kUnknown:
    case Stage::kData:
    case Stage::kEod:
      return StageFit::kPossible;
    case Stage::kConnect:
    case Stage::kHelo:
      if (is_user_level(cause) || judges_message(cause) || cause == kSpfFail || cause == kUnauthenticated) {
        return StageFit::kImpossible;
      }
      return StageFit::kPossible;
    case Stage::kMail:
    case Stage::kRcpt:
      return judges_message(cause) ? StageFit::kUnlikely : StageFit::kPossible;
  }
  return StageFit::kPossible;
}

}  // namespace dsnwatch::core
