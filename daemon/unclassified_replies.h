#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/attempt.h"
#include "core/classify/verdict.h"

namespace dsnwatch::daemon {

/// True if no rule knew the words of the reply: it was judged by its reply code alone, or not at all.
inline bool is_unclassified(core::AttemptResult result, const core::Verdict& verdict) {
  return result != core::AttemptResult::kDelivered && verdict.confidence >= core::Confidence::kCode;
}

/// Replies that lack a rule: as templates (addresses, hosts, ids and numbers masked) with counts. Bounded: at the limit
/// the lightest goes, and its count to those that are not listed. Not thread-safe.
class UnclassifiedReplies {
 public:
  static constexpr std::size_t kMost = 500;

  struct Reply {
    std::string text;  ///< Masked, printable UTF-8.
    std::uint64_t count = 0;
    core::Cause cause = core::Cause::kUnknown;  ///< What it was taken for.
    std::int64_t first_us = core::kNoTime, last_us = core::kNoTime;
  };

  explicit UnclassifiedReplies(std::size_t most = kMost) : most_(most) {}

  /// For an attempt of which is_unclassified(). One without words is not kept.
  void add(const core::Attempt& attempt, core::Cause cause);

  /// Adds what another one counted.
  void merge(const UnclassifiedReplies& other);

  bool empty() const { return total_ == 0; }
  std::size_t size() const { return replies_.size(); }
  std::uint64_t total() const { return total_; }  ///< Of all that had words.
  std::uint64_t not_listed() const { return not_listed_; }

  /// Most frequent first, then by text; at most `top`, 0 for all. Valid until the next change.
  std::vector<const Reply*> ranked(std::size_t top) const;

 private:
  Reply& reply_of(const std::string& text);

  std::size_t most_;
  std::unordered_map<std::string, Reply> replies_;
  std::uint64_t total_ = 0, not_listed_ = 0;
  std::string masked_, template_;
};

/// The template of a masked reply: what numbers are left, but for codes, become <n>.
void mask_numbers(std::string_view masked, std::string& out);

}  // namespace dsnwatch::daemon
