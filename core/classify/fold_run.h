#pragma once

#include <cstddef>
#include <string_view>

namespace dsnwatch::core {

/// What a run of bytes that need no thought was found to hold.
struct FoldedRun {
  static constexpr std::size_t kNone = std::string_view::npos;
  std::size_t length = 0;     ///< Of the run.
  std::size_t dot = kNone;    ///< Place in the text of the first dot between digits.
  std::size_t colon = kNone;  ///< Of the first colon in front of a letter, a digit or another colon.
  std::size_t link = kNone;   ///< Of the first "://".
};

/// Copies bytes of `text` from `at` on, up to the first that the normaliser must look at: a control character, a blank
/// behind a blank, a backslash, what may begin a typographic sign, a digit 2 to 5 that may begin a reply code or an
/// enhanced status. `before` is the byte behind which the run will stand, a blank at the beginning. Writes up to
/// NormalReply::kSlack bytes more than it copies.
FoldedRun fold_run(std::string_view text, std::size_t at, char before, char* folded, char* plain);

/// The same a byte at a time: what fold_run() is where the processor has no SSE2, and is tested against elsewhere.
FoldedRun fold_run_bytewise(std::string_view text, std::size_t at, char before, char* folded, char* plain);

}  // namespace dsnwatch::core
