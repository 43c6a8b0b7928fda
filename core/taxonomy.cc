#include "core/taxonomy.h"

#include <array>

namespace dsnwatch::core {
namespace {

struct CauseRow {
  std::string_view name;
  Category category;
  std::string_view meaning;
};

// In the order of the enumeration.
constexpr std::array<CauseRow, kCauseCount> kCauses = {{
    {"unknown", Category::kUnknown, "nothing recognised"},
    {"spf_fail", Category::kAuthentication,
     "SPF of MAIL FROM or HELO failed, soft-failed, missing where required, or broken"},
    {"dkim_fail", Category::kAuthentication, "signature missing, broken, or not accepted"},
    {"dmarc_fail", Category::kAuthentication,
     "DMARC failed, From not aligned, or no DMARC record where one is demanded"},
    {"unauthenticated", Category::kAuthentication,
     "neither SPF nor DKIM passed, or \"not authenticated\" without saying which; ARC"},
    {"ptr_missing", Category::kAuthentication,
     "no, generic or mismatching reverse DNS of the sending IP; IPv6 guidelines"},
    {"helo_invalid", Category::kAuthentication, "HELO/EHLO name not resolvable, not a FQDN, forged, literal IP"},
    {"sender_invalid", Category::kAuthentication,
     "MAIL FROM or From address or domain does not exist, has no MX/A, null MX, bad syntax, call-back failed"},
    {"ip_blocklisted", Category::kReputation, "sending IP on a named public list (Spamhaus, SpamCop, Abusix, ...)"},
    {"ip_blocked", Category::kReputation,
     "sending IP refused by a list of the receiver, of its filter vendor or customer; ban; country"},
    {"domain_blocklisted", Category::kReputation, "identity domain (MAIL FROM, From, HELO, PTR, DKIM d=) on a list"},
    {"ip_reputation", Category::kReputation, "poor reputation, complaints or spam rate of the IP, no list entry"},
    {"domain_reputation", Category::kReputation, "the same for the domain or sender address"},
    {"list_quality", Category::kReputation, "too many unknown recipients, spam traps, harvesting"},
    {"dynamic_ip", Category::kReputation,
     "dial-up, residential, generic or policy-listed range (PBL): not meant to send directly"},
    {"spam", Category::kContent, "judged as spam by content, or \"looks like spam\" without another object"},
    {"malware", Category::kContent, "virus, phishing, malicious file or link"},
    {"attachment_blocked", Category::kContent, "file type or attachment rule"},
    {"url_blocked", Category::kContent, "a link or domain in the body is listed or forbidden"},
    {"message_too_large", Category::kContent, "over a size limit of server, mailbox or message part"},
    {"malformed", Category::kContent, "RFC 5322 / MIME / header / charset defect, bare LF, duplicate From"},
    {"policy", Category::kPolicy, "rule of the site or admin, nothing more specific; the fall-back for 5.7.1"},
    {"relay_denied", Category::kPolicy, "the server does not handle this recipient domain for us"},
    {"recipient_restricted", Category::kPolicy, "recipient accepts only inside, authorised or member senders"},
    {"sender_blocked", Category::kPolicy,
     "this sender address or domain is on a personal or site block list, or failed a challenge"},
    {"sender_suspended", Category::kPolicy, "our own account, tenant or provider stops us (limit, ban, hijack)"},
    {"tls_required", Category::kPolicy,
     "encryption demanded, not offered by us (or not by them under MTA-STS/DANE/REQUIRETLS)"},
    {"smtp_auth_required", Category::kPolicy, "log in first, wrong credentials, client not authorised to submit"},
    {"rate_limited", Category::kRate, "too many messages per time from IP, domain, account"},
    {"too_many_connections", Category::kRate, "too many parallel connections, or connect rate"},
    {"too_many_recipients", Category::kRate, "too many RCPT in one message or session"},
    {"recipient_throttled", Category::kRate, "the recipient gets too much mail at present"},
    {"greylisted", Category::kRate, "first contact deferred on purpose"},
    {"user_unknown", Category::kRecipient, "no such mailbox (also moved, expired, forwarding to nowhere)"},
    {"bad_address_syntax", Category::kRecipient, "recipient address not valid"},
    {"mailbox_full", Category::kRecipient, "over quota"},
    {"mailbox_disabled", Category::kRecipient, "exists but closed, suspended, inactive"},
    {"domain_not_found", Category::kRecipient, "recipient domain: NXDOMAIN, no MX/A, null MX, not hosted here"},
    {"dns_failure", Category::kNetwork, "temporary DNS trouble on either side"},
    {"connection_failed", Category::kNetwork, "refused, reset, timed out, no route"},
    {"tls_failed", Category::kNetwork, "handshake or certificate trouble"},
    {"server_error", Category::kNetwork, "fault, overload, full disk, maintenance at the receiver"},
    {"protocol_error", Category::kNetwork, "syntax, sequence, unsupported command or feature"},
    {"mail_loop", Category::kNetwork, "hop count, forwarding loop"},
    {"expired", Category::kNetwork, "queue lifetime over; real reason in the quoted last reply"},
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
