#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/classify/rule_spec.h"
#include "core/classify/verdict.h"
#include "core/providers.h"

namespace dsnwatch::daemon {

/// A reply and what is known beside it, as `dsnwatch classify` reads it. Empty texts: not known.
struct ReplyLine {
  std::string text;
  std::string remote_host;  ///< MX host.
  std::string recipient_domain;
  std::string provider;  ///< Provider id; beats host and domain.
  core::Stage stage = core::Stage::kUnknown;
  core::Side side = core::Side::kAny;
};

/// Reads lines: plain replies, or JSON objects with the keys text, rhost, domain, stage and side (null: absent, other
/// keys are ignored, a stage that SMTP does not know is none). A line that is no JSON object is a reply. Any bytes.
class ReplyLineReader {
 public:
  ReplyLineReader();
  ~ReplyLineReader();
  ReplyLine read(std::string_view line);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

ReplyLine reply_line(const core::RuleExample& example);

/// The views point into `line`.
core::ReplyContext context_of(const ReplyLine& line, const core::Providers& providers);

}  // namespace dsnwatch::daemon
