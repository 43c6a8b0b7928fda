#include "core/classify/postfix_rejected.h"

#include <array>

namespace dsnwatch::core {
namespace {

using What = PostfixRejected::What;

struct Form {
  std::string_view text;
  What what;
};
constexpr auto kForms = std::to_array<Form>({
    {"client host rejected", What::kClient},
    {"helo command rejected", What::kHelo},
    {"sender address rejected", What::kSender},
    {"recipient address rejected", What::kRecipient},
    {"end-of-message rejected", What::kMessage},
    {"end-of-data rejected", What::kMessage},
});

bool is_name_trouble(Cause cause) {
  return cause == Cause::kDomainNotFound || cause == Cause::kDnsFailure || cause == Cause::kUserUnknown ||
         cause == Cause::kBadAddressSyntax;
}

}  // namespace

Cause PostfixRejected::about(Cause in_reason) const {
  if (!is_name_trouble(in_reason)) return in_reason;
  switch (what) {
    case What::kClient:
      return Cause::kPtrMissing;
    case What::kHelo:
      return Cause::kHeloInvalid;
    case What::kSender:
      return Cause::kSenderInvalid;
    case What::kRecipient:
    case What::kMessage:
      return in_reason;
  }
  return in_reason;
}

Cause PostfixRejected::without_reason() const {
  switch (what) {
    case What::kClient:
      return Cause::kIpBlocked;
    case What::kHelo:
      return Cause::kHeloInvalid;
    case What::kSender:
      return Cause::kSenderBlocked;
    case What::kRecipient:
      return bare_reason ? Cause::kRecipientRestricted : Cause::kUnknown;
    case What::kMessage:
      return bare_reason ? Cause::kPolicy : Cause::kUnknown;
  }
  return Cause::kUnknown;
}

std::optional<PostfixRejected> find_postfix_rejected(std::string_view folded) {
  for (const Form& form : kForms) {
    std::size_t at = folded.find(form.text);
    if (at == std::string_view::npos) continue;
    at += form.text.size();
    while (at < folded.size() && (folded[at] == ':' || folded[at] == ' ')) ++at;
    PostfixRejected rejected;
    rejected.what = form.what;
    rejected.reason = at;
    std::string_view reason = folded.substr(at);
    while (!reason.empty() && (reason.back() == '.' || reason.back() == ' ')) reason.remove_suffix(1);
    rejected.bare_reason = reason.empty() || reason == "access denied";
    return rejected;
  }
  return std::nullopt;
}

std::string_view rule_id(What what) {
  switch (what) {
    case What::kClient:
      return "postfix.client_rejected";
    case What::kHelo:
      return "postfix.helo_rejected";
    case What::kSender:
      return "postfix.sender_rejected";
    case What::kRecipient:
      return "postfix.recipient_rejected";
    case What::kMessage:
      return "postfix.message_rejected";
  }
  return "";
}

}  // namespace dsnwatch::core
