#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/classify/pattern_program.h"
#include "core/result.h"

namespace re2 {
class RE2;
}

namespace dsnwatch::core {

/// A rule's pattern: RE2 says whether it is one, and searches where PatternProgram can't (syntax beyond it, long
/// texts). Immutable; any thread.
class Pattern {
 public:
  /// The error is RE2's words.
  static Result<std::unique_ptr<const Pattern>> compile(const std::string& text);
  ~Pattern();

  /// The leftmost match of a folded text that begins at one of the places `from` to `last`; `captured` (may be null)
  /// gets the place of the group, empty if there is none.
  bool search(std::string_view text, std::size_t from, std::size_t last, PatternScratch& scratch, Span& match,
              Span* captured) const;
  bool search(std::string_view text, PatternScratch& scratch, Span& match, Span* captured) const {
    return search(text, 0, text.size(), scratch, match, captured);
  }

  bool matches_everything() const;
  int groups() const;
  /// No match is longer (bytes).
  std::size_t longest() const;

 private:
  explicit Pattern(const std::string& text);
  const re2::RE2& re2() const;

  std::string text_;
  mutable std::once_flag built_;
  mutable std::unique_ptr<re2::RE2> re2_;
  std::optional<PatternProgram> program_;
};

}  // namespace dsnwatch::core
