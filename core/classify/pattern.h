#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/classify/pattern_program.h"
#include "core/classify/pattern_syntax.h"
#include "core/result.h"

namespace re2 {
class RE2;
}

namespace dsnwatch::core {

/// The program of a pattern, made when it is first asked for: a process meets few of the texts that all rules are for.
/// Any thread.
class LazyProgram {
 public:
  /// Of all of a tree, or of some alternatives in it.
  explicit LazyProgram(SharedPattern tree, std::vector<const PatternNode*> branches = {})
      : tree_(std::move(tree)), branches_(std::move(branches)) {}

  /// Null for a pattern that can't be one.
  const PatternProgram* get() const {
    if (!ready_.load(std::memory_order_acquire)) build();
    return program_ ? &*program_ : nullptr;
  }

 private:
  void build() const;

  mutable std::atomic<bool> ready_ = false;  // asked more quickly than a once_flag
  mutable std::optional<PatternProgram> program_;
  mutable std::once_flag built_;
  mutable SharedPattern tree_;
  std::vector<const PatternNode*> branches_;
};

/// A rule's pattern: RE2 says whether it is one, and searches where PatternProgram can't (syntax beyond it, long
/// texts). Immutable; any thread.
class Pattern {
 public:
  /// The error is RE2's words.
  static Result<std::unique_ptr<const Pattern>> compile(const std::string& text) {
    return compile(text, parse_shared_pattern(text));
  }
  /// The same where the caller has parsed the text already; null: in vain.
  static Result<std::unique_ptr<const Pattern>> compile(const std::string& text, SharedPattern tree);
  ~Pattern();

  /// The leftmost match of a folded text that begins at one of the places `from` to `last`; `captured` (may be null)
  /// gets the place of the group, empty if there is none.
  bool search(std::string_view text, std::size_t from, std::size_t last, PatternScratch& scratch, Span& match,
              Span* captured) const;
  bool search(std::string_view text, PatternScratch& scratch, Span& match, Span* captured) const {
    return search(text, 0, text.size(), scratch, match, captured);
  }

  /// What searches texts of up to PatternProgram::kMaxText bytes, if anything but RE2 can.
  const LazyProgram* program() const { return program_.get(); }

  bool matches_everything() const;
  int groups() const;

 private:
  Pattern(const std::string& text, SharedPattern tree);
  const re2::RE2& re2() const;

  std::string text_;
  int groups_ = -1;  // -1: RE2 knows
  std::size_t size_ = 0;
  std::unique_ptr<const LazyProgram> program_;
  mutable std::once_flag re2_built_;
  mutable std::unique_ptr<re2::RE2> re2_;
};

}  // namespace dsnwatch::core
