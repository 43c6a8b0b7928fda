#include "core/taxonomy.h"

#include <array>

namespace dsnwatch::core {
namespace {

struct CauseRow {
  std::string_view name;
  Category category;
  Action action;
  std::string_view meaning;
};

// In the order of the enumeration.
constexpr std::array<CauseRow, kCauseCount> kCauses = {{
    {"unknown", Category::kUnknown, Action::kNone, "no rule knows the reply"},
    {"spf_fail", Category::kAuthentication, Action::kFix,
     "SPF does not allow the sending IP for this sender domain, or its record is missing or broken"},
    {"dkim_fail", Category::kAuthentication, Action::kFix, "the DKIM signature is missing or does not verify"},
    {"dmarc_fail", Category::kAuthentication, Action::kFix,
     "DMARC failed for the From domain: no aligned SPF or DKIM, or no record where one is demanded"},
    {"unauthenticated", Category::kAuthentication, Action::kFix,
     "the mail passed neither SPF nor DKIM, or is called unauthenticated without more detail"},
    {"ptr_missing", Category::kAuthentication, Action::kFix,
     "the sending IP has no reverse DNS name of its own that leads back to it"},
    {"helo_invalid", Category::kAuthentication, Action::kFix, "the name given in HELO or EHLO is not acceptable"},
    {"sender_invalid", Category::kAuthentication, Action::kFix,
     "the sender address or its domain does not exist, takes no mail or failed a call-back"},
    {"ip_blocklisted", Category::kReputation, Action::kDelist, "the sending IP is on a public block list"},
    {"ip_blocked", Category::kReputation, Action::kContact,
     "the receiver, its filter vendor or a customer blocks the sending IP by a list of its own"},
    {"domain_blocklisted", Category::kReputation, Action::kDelist,
     "a domain that identifies the sender is on a block list"},
    {"ip_reputation", Category::kReputation, Action::kSlow,
     "the receiver has a poor opinion of the sending IP (complaints, score), without a listing"},
    {"domain_reputation", Category::kReputation, Action::kFix,
     "the receiver has a poor opinion of the sender domain or address"},
    {"list_quality", Category::kReputation, Action::kStop,
     "too many recipients that do not exist, or spam traps among them"},
    {"dynamic_ip", Category::kReputation, Action::kFix,
     "the sending IP lies in a range that is not meant to send mail directly"},
    {"spam", Category::kContent, Action::kFix, "the message looks like spam"},
    {"malware", Category::kContent, Action::kStop, "a virus, phishing or a dangerous link or file was found"},
    {"attachment_blocked", Category::kContent, Action::kFix, "the kind of attachment is not allowed"},
    {"url_blocked", Category::kContent, Action::kFix, "a link in the message leads to a listed or forbidden domain"},
    {"message_too_large", Category::kContent, Action::kFix, "the message is larger than allowed"},
    {"malformed", Category::kContent, Action::kFix, "the message breaks the mail format"},
    {"policy", Category::kPolicy, Action::kContact, "a rule of the receiver forbids it, and nothing says which"},
    {"relay_denied", Category::kPolicy, Action::kContact,
     "the server does not take mail for this recipient domain from us"},
    {"recipient_restricted", Category::kPolicy, Action::kContact,
     "the recipient takes mail only from insiders, members or known senders"},
    {"sender_blocked", Category::kPolicy, Action::kContact, "the recipient or their organisation blocks this sender"},
    {"sender_suspended", Category::kPolicy, Action::kStop, "our own account or provider stops us"},
    {"tls_required", Category::kPolicy, Action::kFix, "the receiver or a policy demands encryption"},
    {"smtp_auth_required", Category::kPolicy, Action::kFix, "the server demands a log-in, or the log-in failed"},
    {"rate_limited", Category::kRate, Action::kSlow, "too much mail in too short a time"},
    {"too_many_connections", Category::kRate, Action::kSlow, "too many connections at once or too fast"},
    {"too_many_recipients", Category::kRate, Action::kFix, "too many recipients in one message or session"},
    {"recipient_throttled", Category::kRate, Action::kSlow, "this recipient gets too much mail at present"},
    {"greylisted", Category::kRate, Action::kRetry, "an unknown sender is put off on purpose and accepted later"},
    {"user_unknown", Category::kRecipient, Action::kSuppress, "no such mailbox"},
    {"bad_address_syntax", Category::kRecipient, Action::kSuppress, "the recipient address is not valid"},
    {"mailbox_full", Category::kRecipient, Action::kRetry, "the mailbox is over its quota"},
    {"mailbox_disabled", Category::kRecipient, Action::kSuppress, "the mailbox is closed, suspended or inactive"},
    {"domain_not_found", Category::kRecipient, Action::kSuppress,
     "the recipient's domain does not exist or takes no mail"},
    {"dns_failure", Category::kNetwork, Action::kRetry, "DNS does not answer for now"},
    {"connection_failed", Category::kNetwork, Action::kRetry, "no connection, or it broke without a reply"},
    {"tls_failed", Category::kNetwork, Action::kRetry, "the encrypted connection could not be set up"},
    {"server_error", Category::kNetwork, Action::kRetry, "the receiving server has trouble of its own"},
    {"protocol_error", Category::kNetwork, Action::kFix, "an SMTP command was wrong, out of order or not supported"},
    {"mail_loop", Category::kNetwork, Action::kFix, "the message goes in a circle"},
    {"expired", Category::kNetwork, Action::kRetry, "given up after too long in the queue"},
}};

}  // namespace

std::string_view name(Cause cause) {
  return kCauses[static_cast<std::size_t>(cause)].name;
}

Category category_of(Cause cause) {
  return kCauses[static_cast<std::size_t>(cause)].category;
}

std::string_view meaning(Cause cause) {
  return kCauses[static_cast<std::size_t>(cause)].meaning;
}

Action default_action(Cause cause) {
  return kCauses[static_cast<std::size_t>(cause)].action;
}

std::optional<Cause> parse_cause(std::string_view name) {
  for (std::size_t i = 0; i < kCauses.size(); ++i) {
    if (kCauses[i].name == name) return static_cast<Cause>(i);
  }
  return std::nullopt;
}

std::string_view name(Category category) {
  switch (category) {
    case Category::kUnknown:
      return "unknown";
    case Category::kAuthentication:
      return "authentication";
    case Category::kReputation:
      return "reputation";
    case Category::kContent:
      return "content";
    case Category::kPolicy:
      return "policy";
    case Category::kRate:
      return "rate";
    case Category::kRecipient:
      return "recipient";
    case Category::kNetwork:
      return "network";
  }
  return "unknown";
}

std::string_view name(Action action) {
  switch (action) {
    case Action::kNone:
      return "";
    case Action::kSuppress:
      return "suppress";
    case Action::kRetry:
      return "retry";
    case Action::kSlow:
      return "slow";
    case Action::kStop:
      return "stop";
    case Action::kFix:
      return "fix";
    case Action::kDelist:
      return "delist";
    case Action::kContact:
      return "contact";
  }
  return "";
}

std::string_view name(Confidence confidence) {
  switch (confidence) {
    case Confidence::kVendor:
      return "vendor";
    case Confidence::kText:
      return "text";
    case Confidence::kStatus:
      return "status";
    case Confidence::kCode:
      return "code";
    case Confidence::kNone:
      return "none";
  }
  return "none";
}

}  // namespace dsnwatch::core
