#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ingest/envelope/syslog_line.h"

namespace dsnwatch::ingest {

/// Where the parts lie of a line in the layout of nearly all lines of files, "Nov  3 09:05:01 HOST TAG: MESSAGE". Most
/// lines matter to nobody, which their message tells: to find it is all the work that is done for them. Small, so that
/// it is handed on in registers.
struct PlainLine {
  static constexpr std::size_t kStampSize = 15;
  std::uint32_t host_size = 0, tag_size = 0;
  std::uint32_t message = 0;  ///< Where it begins.
};

/// False for a line of another layout, for one that is shorter than 48 bytes, and where bytes can't be compared at
/// once.
inline bool find_plain_parts(std::string_view line, PlainLine& out) {
#if defined(__SSE2__)
  constexpr std::size_t kHead = PlainLine::kStampSize + 1;
  constexpr unsigned kMarks = 1U << 3 | 1U << 6 | 1U << 9 | 1U << 12 | 1U << 15;
  if (line.size() < kHead + 32 || line[0] < 'A' || line[0] > 'Z') return false;
  const __m128i stamp = _mm_loadu_si128(reinterpret_cast<const __m128i*>(line.data()));
  const __m128i marks = _mm_setr_epi8(0, 0, 0, ' ', 0, 0, ' ', 0, 0, ':', 0, 0, ':', 0, 0, ' ');
  if ((static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(stamp, marks))) & kMarks) != kMarks) return false;
  const char* p = line.data() + kHead;
  const char* const end = line.data() + line.size();
  std::string_view host, tag;
  if (!syslog_detail::take_host_and_tag(p, end, host, tag)) return false;
  while (p < end && *p == ' ') ++p;
  out.host_size = static_cast<std::uint32_t>(host.size());
  out.tag_size = static_cast<std::uint32_t>(tag.size());
  out.message = static_cast<std::uint32_t>(p - line.data());
  return true;
#else
  return static_cast<void>(line), static_cast<void>(out), false;
#endif
}

/// What split_syslog_line() makes of it.
inline SyslogLine split_plain_line(std::string_view line, PlainLine parts) {
  SyslogLine out;
  out.stamp_kind = StampKind::kTraditional;
  out.stamp = {line.data(), PlainLine::kStampSize};
  out.host = {line.data() + PlainLine::kStampSize + 1, parts.host_size};
  out.tag = {out.host.data() + parts.host_size + 1, parts.tag_size};
  out.message = {line.data() + parts.message, line.size() - parts.message};
  return out;
}

}  // namespace dsnwatch::ingest
