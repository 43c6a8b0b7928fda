#pragma once

#include <string_view>

#include "ingest/envelope/syslog_line.h"

namespace dsnwatch::ingest {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Without line ends and NULs behind, blanks and a byte order mark in front.
inline std::string_view clean(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0')) text.remove_suffix(1);
  while (true) {
    if (text.starts_with(' '))
      text.remove_prefix(1);
    else if (text.starts_with(kByteOrderMark))
      text.remove_prefix(kByteOrderMark.size());
    else
      return text;
  }
}

/// The text is a line as syslog wrote it: a stamp, a host perhaps, and a tag.
inline bool has_header(std::string_view text, SyslogLine& line) {
  if (text.empty() || (text[0] != '<' && !(text[0] >= '0' && text[0] <= '9') && !(text[0] >= 'A' && text[0] <= 'Z')))
    return false;
  if (!split_syslog_line(text, line)) return false;
  if (line.stamp_kind == StampKind::kIso && (line.host == "stdout" || line.host == "stderr")) return false;
  if (line.tag.empty()) return line.message.starts_with("last message repeated ");
  return line.tag.find(' ') == std::string_view::npos;
}

/// A text without a header is no record, and no line of a container ("2026-…").
inline bool is_plain_message(std::string_view text) {
  return text.size() > 4 && text[0] != '{' && text[0] != '[' && text[4] != '-';
}

/// Takes a tag that was left in front of the message, "postfix/smtp[658]: ", off.
inline void take_tag(SyslogLine& line) {
  constexpr std::string_view kEnd = "]:";
  const std::string_view message = line.message;
  if (message.empty() || message[0] < 'a' || message[0] > 'z') return;
  const char* blank = find_near(message.data(), message.data() + message.size(), ' ');
  if (blank == nullptr) return;
  const std::string_view tag = message.substr(0, static_cast<std::size_t>(blank - message.data()));
  if (!tag.ends_with(kEnd)) return;
  line.tag = tag.substr(0, tag.size() - 1);
  line.message.remove_prefix(tag.size() + 1);
}

}  // namespace dsnwatch::ingest
