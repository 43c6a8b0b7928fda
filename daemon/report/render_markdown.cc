#include <string>
#include <string_view>

#include "daemon/report/content.h"
#include "daemon/report/render.h"
#include "daemon/report/standouts.h"

namespace dsnwatch::daemon {
namespace {

/// So that nothing from a log is taken for markup.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|#~!$@").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

void write_table(const Table& table, std::ostream& out) {
  out << "\n## " << escaped(table.title) << "\n\n|";
  for (const Column& column : table.columns) out << ' ' << escaped(column.title) << " |";
  out << "\n|";
  for (const Column& column : table.columns) out << (column.number ? " ---: |" : " --- |");
  out << '\n';
  for (const auto& row : table.rows) {
    out << '|';
    for (const std::string& cell : row) out << ' ' << escaped(cell) << " |";
    out << '\n';
  }
}

}  // namespace

void render_markdown(const Report& report, const RenderOptions& options, std::ostream& out) {
  out << "# Who rejects our mail\n\n";
  for (const std::string& line : summary(report)) out << "- " << escaped(line) << '\n';
  for (const Table& table : tables(report, options.top == 0 ? kUsualTop : options.top)) write_table(table, out);
  const std::vector<FindingText> worst = findings(report, kCostliest);
  if (!worst.empty()) out << "\n## What costs the most mail, and what to do first\n\n";
  for (std::size_t i = 0; i < worst.size(); ++i) {
    const FindingText& text = worst[i];
    out << i + 1 << ". **" << escaped(text.headline) << "**: " << escaped(text.loss) << "\n";
    if (!text.example.empty()) out << "   > " << escaped(text.example) << "\n\n";
    out << "   - Means: " << escaped(text.meaning) << "\n   - First: " << escaped(text.first)
        << "\n   - Who: " << escaped(text.fixer) << '\n';
  }
  const std::vector<std::string> beside = standouts(report);
  if (!beside.empty()) out << "\n## What stands out beside it\n\n";
  for (const std::string& sentence : beside) out << "- " << escaped(sentence) << '\n';
}

}  // namespace dsnwatch::daemon
