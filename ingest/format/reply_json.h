#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "core/classify/rule_spec.h"

namespace dsnwatch::ingest {

/// Reads a reply with its hints from a JSON object (design section 6, `classify`): text, rhost, domain, stage, side,
/// provider. null counts as absent, other keys are ignored. Reuses its memory; not thread-safe.
class ReplyJsonReader {
 public:
  ReplyJsonReader();
  ~ReplyJsonReader();

  /// Nothing if the line is no JSON object with a string `text`: it is then a reply as it stands.
  std::optional<core::RuleExample> read(std::string_view line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dsnwatch::ingest
