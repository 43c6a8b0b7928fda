#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/report/report.h"

namespace dsnwatch::daemon {

/// The report as words, before it is laid out as text or Markdown.

struct Column {
  std::string title;
  bool number = false;  ///< Aligned to the right.
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< As many cells as columns.
};

/// One of the findings that cost the most mail.
struct FindingText {
  std::string headline;  ///< "Google (Gmail and Workspace): unauthenticated (5.7.26)"
  std::string loss;      ///< "412 bounced, 31 expired, 1,203 rejections since 2026-11-23 21:53, last 22:01"
  std::string example;   ///< May be empty.
  std::string meaning;
  std::string first;  ///< What to look at or to do first.
  std::string fixer;  ///< Who can change it.
};

/// Totals, one sentence each.
std::vector<std::string> summary(const Report& report);

/// What to look at first about one of them.
std::string first_remedy(const Report& report, const Finding& finding);

std::vector<FindingText> findings(const Report& report, std::size_t top);

/// The lists that have something to say, at most `top` rows each.
std::vector<Table> tables(const Report& report, std::size_t top);

/// "1,234,567"
std::string grouped(std::uint64_t number);

}  // namespace dsnwatch::daemon
