#pragma once

#include <string_view>

#include "ingest/envelope/syslog_line.h"

namespace dsnwatch::ingest {

/// How a stamp of a record's own key is written; kNone for what is none ("", "-", "0", the year 1). Does not read it.
inline StampKind outer_stamp_kind(std::string_view text) {
  using syslog_detail::is_digit;
  if (text.size() < 9) return StampKind::kNone;
  if (!is_digit(text[0])) {
    const bool clock = text.size() >= 14 && text[3] == ' ' && (text[8] == ':' || text[9] == ':');
    return clock ? StampKind::kTraditional : StampKind::kNone;
  }
  if (text[4] == '-') {
    const bool whole = text.size() >= 19 && (text[10] == 'T' || text[10] == ' ') && text[13] == ':';
    return whole && text[0] != '0' ? StampKind::kIsoLoose : StampKind::kNone;
  }
  for (const char c : text.substr(0, 9)) {
    if (!is_digit(c) && c != '.') return StampKind::kNone;
  }
  return StampKind::kEpoch;
}

}  // namespace dsnwatch::ingest
