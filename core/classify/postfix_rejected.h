#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/taxonomy.h"

namespace dsnwatch::core {

/// Postfix' form "WHAT rejected: REASON" (smtpd access restrictions): WHAT is the object, REASON the cause.
struct PostfixRejected {
  enum class What { kClient, kHelo, kSender, kRecipient, kMessage };
  What what = What::kClient;
  std::size_t reason = 0;    ///< Where REASON begins in the text.
  bool bare_reason = false;  ///< REASON is empty or only "Access denied".

  /// What a cause found in REASON means of this object: a name that does not exist is the sender's fault in a sender
  /// address.
  Cause about(Cause in_reason) const;
  /// The cause that WHAT alone tells; kUnknown where REASON would have to tell.
  Cause without_reason() const;
};

std::optional<PostfixRejected> find_postfix_rejected(std::string_view folded);

/// Id of the built-in rule: "postfix.client_rejected".
std::string_view rule_id(PostfixRejected::What what);

}  // namespace dsnwatch::core
