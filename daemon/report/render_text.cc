#include <algorithm>
#include <string>
#include <string_view>

#include "daemon/report/content.h"
#include "daemon/report/render.h"
#include "daemon/report/standouts.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::string_view kBold = "\x1b[1m", kRed = "\x1b[31m", kPlain = "\x1b[0m";
constexpr std::size_t kLineWidth = 100;  // For sentences; tables are as wide as they are.
constexpr std::size_t kCellWidth = 60;

/// Columns that valid UTF-8 takes, near enough: one a character.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

class TextWriter {
 public:
  TextWriter(std::ostream& out, bool color) : out_(out), color_(color) {}

  void heading(std::string_view text) { out_ << '\n' << style(kBold) << text << style(kPlain) << '\n'; }

  void finding(std::size_t number, const FindingText& text) {
    out_ << ' ' << number << ". " << style(kRed) << text.headline << style(kPlain) << '\n';
    wrapped("", text.loss);
    if (!text.example.empty()) wrapped("", "\"" + text.example + "\"");
    wrapped("means: ", text.meaning);
    wrapped("first: ", text.first);
    wrapped("who:   ", text.fixer);
  }

  void item(std::string_view text) { wrapped("- ", text); }

  void table(const Table& table) {
    heading(table.title);
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      std::size_t width = width_of(table.columns[c].title);
      for (const auto& row : table.rows) width = std::max(width, std::min(width_of(row[c]), kCellWidth));
      widths.push_back(width);
    }
    std::vector<std::string> titles;
    for (const Column& column : table.columns) titles.push_back(column.title);
    row(table, widths, titles);
    for (const auto& cells : table.rows) row(table, widths, cells);
  }

 private:
  std::string_view style(std::string_view code) const { return color_ ? code : std::string_view(); }

  void row(const Table& table, const std::vector<std::size_t>& widths, const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::size_t width = width_of(cells[c]);
      const std::string padding(widths[c] > width ? widths[c] - width : 0, ' ');
      line += "  " + (table.columns[c].number ? padding + cells[c] : cells[c] + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_ << line << '\n';
  }

  /// A paragraph, indented, its first line behind `label`.
  void wrapped(std::string_view label, std::string_view text) {
    if (text.empty()) return;
    std::string line = "    " + std::string(label);
    const std::string indent(line.size(), ' ');
    std::size_t used = line.size();
    while (!text.empty()) {
      const std::string_view word = text.substr(0, text.find(' '));
      text.remove_prefix(std::min(text.size(), word.size() + 1));
      if (used > indent.size() && used + 1 + width_of(word) > kLineWidth) {
        out_ << line << '\n';
        line = indent;
        used = indent.size();
      }
      if (used > indent.size()) {
        line += ' ';
        ++used;
      }
      line += word;
      used += width_of(word);
    }
    out_ << line << '\n';
  }

  std::ostream& out_;
  bool color_;
};

}  // namespace

void render_text(const Report& report, const RenderOptions& options, std::ostream& out) {
  TextWriter writer(out, options.color);
  for (const std::string& line : summary(report)) out << line << '\n';
  for (const Table& table : tables(report, options.top == 0 ? kUsualTop : options.top)) writer.table(table);
  // Last: the end is what stands on the screen.
  const std::vector<FindingText> worst = findings(report, kCostliest);
  if (!worst.empty()) writer.heading("What costs the most mail, and what to do first");
  for (std::size_t i = 0; i < worst.size(); ++i) writer.finding(i + 1, worst[i]);
  const std::vector<std::string> beside = standouts(report);
  if (!beside.empty()) writer.heading("What stands out beside it");
  for (const std::string& sentence : beside) writer.item(sentence);
}

}  // namespace dsnwatch::daemon
