#pragma once

#include <cstddef>
#include <ostream>

#include "daemon/report/report.h"

namespace dsnwatch::daemon {

struct RenderOptions {
  std::size_t top = 0;  ///< Rows a list; 0: all in JSON, kUsualTop elsewhere.
  bool color = false;   ///< Text only: the output is a terminal.
};
inline constexpr std::size_t kUsualTop = 10;
inline constexpr std::size_t kCostliest = 3;  ///< Findings that are spelled out.

/// One JSON object (design section 6); rows are written block by block, so that long lists need no memory.
void render_json(const Report& report, const RenderOptions& options, std::ostream& out);

/// What a person needs in five minutes: totals, who rejects what and why, since when; at the end the findings that cost
/// the most mail with what to do first, and what stands out beside them.
void render_text(const Report& report, const RenderOptions& options, std::ostream& out);

/// The same for a ticket or a wiki (GitHub's Markdown).
void render_markdown(const Report& report, const RenderOptions& options, std::ostream& out);

}  // namespace dsnwatch::daemon
