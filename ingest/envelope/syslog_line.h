#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "ingest/envelope/byte_scan.h"

namespace dsnwatch::ingest {

/// How the stamp of a line is written; read by StampReader.
enum class StampKind : std::uint8_t {
  kNone,
  kTraditional,  ///< "Nov  3 09:05:01", "Nov 03 09:05:01", "Nov 23 22:45:27.498608" (RFC 3164; no year, local time)
  kIso,          ///< "2026-11-23T21:53:18.123456+00:00", "…Z", "…+0000" (RFC 3339, RFC 5424, journald short-iso)
  kIsoNamed,     ///< "2026-11-23 22:45:27 UTC" (journald short-full; the zone is a name)
  kUnix,         ///< "1795473927.498608" (journald short-unix)
  kIsoLoose,     ///< "2026-11-23 21:53:18.123 +00:00": a blank or a T, a zone or none (then that of the settings)
  kEpoch,        ///< "1795473927", "1795473927498.6", …: seconds, ms, µs or ns since the epoch, told by their size
};

/// What a stamp that the envelope gave is to a line.
enum class OuterTime : std::uint8_t {
  kNone,
  kInstead,  ///< The time of the event: goes before a stamp without a year or a zone.
  kYear,     ///< The time of reading: tells the year of a stamp without one, which lies at most a day after it.
};

/// The parts of a line that syslog or journald wrote; views into the line.
struct SyslogLine {
  StampKind stamp_kind = StampKind::kNone;
  std::string_view stamp;
  std::string_view host;  ///< Empty if the line names none.
  std::string_view tag;   ///< "postfix/smtp[813]"; for RFC 5424 the APP-NAME.
  std::string_view message;
  std::string_view outer_stamp;  ///< The envelope's, if it has one.
  StampKind outer_kind = StampKind::kNone;
  OuterTime outer_time = OuterTime::kNone;
};

namespace syslog_detail {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The token up to the next blank, which is skipped too.
inline std::string_view take_token(const char*& p, const char* end) {
  const char* begin = p;
  const char* blank = find_near(p, end, ' ');
  const char* stop = blank == nullptr ? end : blank;
  p = stop == end ? end : stop + 1;
  return {begin, static_cast<std::size_t>(stop - begin)};
}

/// "HOST TAG:" at `p`, which moves behind it: both ends from one look at the next 32 bytes, where they stand in nearly
/// every line. False, and nothing taken, where they do not or the host is an unusual one.
inline bool take_host_and_tag(const char*& p, const char* end, std::string_view& host, std::string_view& tag) {
#if defined(__SSE2__)
  if (end - p < 32) return false;
  const __m128i head = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i rest = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16));
  const auto places_of = [&](char c) {
    const __m128i wanted = _mm_set1_epi8(c);
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(head, wanted))) |
           static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(rest, wanted))) << 16;
  };
  const unsigned blanks = places_of(' ');
  if (blanks == 0) return false;
  const auto host_size = static_cast<std::size_t>(std::countr_zero(blanks));
  const unsigned colons = places_of(':') & ~0U << host_size;
  if (colons == 0 || *p == '<' || (host_size > 0 && p[host_size - 1] == ':')) return false;
  const auto tag_end = static_cast<std::size_t>(std::countr_zero(colons));
  host = {p, host_size};
  tag = {p + host_size + 1, tag_end - host_size - 1};
  p += tag_end + 1;
  return true;
#else
  return static_cast<void>(p), static_cast<void>(end), static_cast<void>(host), static_cast<void>(tag), false;
#endif
}

/// STRUCTURED-DATA of RFC 5424 section 6.3 and the blank behind it: "-" or "[id name="value" …]…", where `"`, `\` and
/// `]` are escaped in values.
inline bool skip_structured_data(const char*& p, const char* end) {
  if (p < end && *p == '-') {
    ++p;
  } else {
    if (p == end || *p != '[') return false;
    while (p < end && *p == '[') {
      bool quoted = false;
      while (p < end && (quoted || *p != ']')) {
        if (quoted && *p == '\\' && p + 1 < end)
          ++p;
        else if (*p == '"')
          quoted = !quoted;
        ++p;
      }
      if (p == end) return false;
      ++p;
    }
  }
  while (p < end && *p == ' ') ++p;
  return true;
}

/// Behind "<PRI>1 ": TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG (RFC 5424 section 6).
inline bool split_rfc5424(const char* p, const char* end, SyslogLine& out) {
  out.stamp = take_token(p, end);
  out.stamp_kind = out.stamp == "-" ? StampKind::kNone : StampKind::kIso;
  out.host = take_token(p, end);
  if (out.host == "-") out.host = {};
  out.tag = take_token(p, end);
  take_token(p, end);
  take_token(p, end);
  if (!skip_structured_data(p, end)) return false;
  if (end - p >= 3 && std::memcmp(p, "\xEF\xBB\xBF", 3) == 0) p += 3;
  out.message = {p, static_cast<std::size_t>(end - p)};
  return true;
}

/// The length of the stamp at `p`, 0 if there is none; `p` has at least 16 bytes.
inline std::size_t stamp_length(const char*& p, const char* end, StampKind& kind) {
  const auto left = static_cast<std::size_t>(end - p);
  // The day is padded by a blank (RFC 3164), by a zero (postlogd), or not at all.
  const bool padded = p[6] == ' ' && p[9] == ':' && p[12] == ':';
  if (p[3] == ' ' && (padded || (p[5] == ' ' && p[8] == ':' && p[11] == ':'))) {
    kind = StampKind::kTraditional;
    std::size_t size = padded ? 15 : 14;
    if (left > size && p[size] == '.')
      for (++size; size < left && is_digit(p[size]);) ++size;
    return size;
  }
  if (!is_digit(*p)) {
    // "Mon 2026-11-23 22:45:27 UTC host …"
    if (left < 29 || p[3] != ' ' || p[8] != '-' || p[14] != ' ') return 0;
    p += 4;
    kind = StampKind::kIsoNamed;
    const char* blank = find_near(p + 20, end, ' ');
    return blank == nullptr ? 0 : static_cast<std::size_t>(blank - p);
  }
  const char* blank = find_near(p, end, ' ');
  if (blank == nullptr) return 0;
  const auto size = static_cast<std::size_t>(blank - p);
  if (size >= 19 && p[4] == '-' && p[10] == 'T') {
    kind = StampKind::kIso;
    return size;
  }
  kind = StampKind::kUnix;
  return size >= 10 && p[10] == '.' ? size : 0;
}

}  // namespace syslog_detail

/// Splits a line of RFC 3164 (a file's or the wire's, with "<PRI>" in front), of RFC 3339 stamps in the same layout, of
/// RFC 5424, or of journalctl's short formats. False if it is none of these. Does not read the stamp.
inline bool split_syslog_line(std::string_view line, SyslogLine& out) {
  namespace detail = syslog_detail;
  const char* p = line.data();
  const char* end = p + line.size();
  if (line.size() < 20) return false;
  if (*p == '<') {
    const char* close = p + 1;
    while (close < p + 5 && detail::is_digit(*close)) ++close;
    if (*close != '>') return false;
    p = close + 1;
    if (detail::is_digit(p[0]) && p[1] == ' ') return detail::split_rfc5424(p + 2, end, out);
    if (end - p < 16) return false;
  }
  const std::size_t stamp_size = detail::stamp_length(p, end, out.stamp_kind);
  if (stamp_size == 0) return false;
  out.stamp = {p, stamp_size};
  p += stamp_size;
  if (p == end || *p != ' ') return false;
  ++p;
  if (detail::take_host_and_tag(p, end, out.host, out.tag)) {
    while (p < end && *p == ' ') ++p;
    out.message = {p, static_cast<std::size_t>(end - p)};
    return true;
  }
  out.host = detail::take_token(p, end);
  if (out.host.starts_with('<')) out.host = detail::take_token(p, end);  // "<mail.info>" between stamp and host
  if (out.host.ends_with(':')) {                                         // no host: this was the tag
    out.tag = out.host.substr(0, out.host.size() - 1);
    out.host = {};
    out.message = {p, static_cast<std::size_t>(end - p)};
    return true;
  }
  const char* tag_end = find_near(p, end, ':');
  if (tag_end == nullptr) {
    out.tag = {};
    out.message = {p, static_cast<std::size_t>(end - p)};
    return true;
  }
  out.tag = {p, static_cast<std::size_t>(tag_end - p)};
  p = tag_end + 1;
  while (p < end && *p == ' ') ++p;
  out.message = {p, static_cast<std::size_t>(end - p)};
  return true;
}

}  // namespace dsnwatch::ingest
