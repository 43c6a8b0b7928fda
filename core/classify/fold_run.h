#pragma once

#include <cstddef>
#include <string_view>

namespace dsnwatch::core {

/// What a run of bytes that need no thought was found to hold.
struct FoldedRun {
  std::size_t length = 0;                     ///< Of the run.
  bool dotted_number = false;                 ///< A dot between digits.
  bool colon_number = false;                  ///< A colon in front of a letter, a digit or another colon.
  std::size_t link = std::string_view::npos;  ///< Place of the first "://" in the text.
};

/// Copies bytes of `text` from `at` on, up to the first that the normaliser must look at: a control character, a blank
/// behind a blank, a backslash, what may begin a typographic sign, a digit 2 to 5 that may begin a reply code or an
/// enhanced status. `before` is the byte behind which the run will stand, a blank at the beginning. Writes up to
/// NormalReply::kSlack bytes more than it copies.
FoldedRun fold_run(std::string_view text, std::size_t at, char before, char* folded, char* plain);

/// The same a byte at a time: what fold_run() is where the processor has no SSE2, and is tested against elsewhere.
FoldedRun fold_run_bytewise(std::string_view text, std::size_t at, char before, char* folded, char* plain);

}  // namespace dsnwatch::core
