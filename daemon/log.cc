#include "daemon/log.h"

#include <cstdio>
#include <ctime>
#include <utility>

namespace dsnwatch::daemon {
namespace {

constexpr core::MonotonicMs kRepeatMs = 60'000;
constexpr std::size_t kMaxRepeats = 1000;

void write_to_stderr(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string stamp(std::int64_t unix_us) {
  const std::time_t seconds = unix_us / 1'000'000;
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(unix_us / 1000 % 1000));
  return text;
}

/// logfmt: quoted where it must be; control characters never reach the terminal.
void append_value(std::string& line, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" =\"\\") == std::string_view::npos;
  if (!plain) line += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      line += c == '\n' ? "; " : " ";
    } else {
      line += c;
    }
  }
  if (!plain) line += '"';
}

}  // namespace

Log::Log(const core::Clock& clock, Writer writer)
    : clock_(clock), writer_(writer ? std::move(writer) : Writer(write_to_stderr)) {}

void Log::info(std::string_view event, std::initializer_list<LogField> fields) {
  write("info", event, fields);
}

void Log::warn(std::string_view event, std::initializer_list<LogField> fields) {
  write("warn", event, fields);
}

void Log::error(std::string_view event, std::initializer_list<LogField> fields) {
  write("error", event, fields);
}

void Log::write(std::string_view level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = " level=" + std::string(level) + " event=";
  append_value(line, event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  const std::lock_guard lock(mutex_);
  const core::MonotonicMs now = clock_.monotonic_ms();
  if (repeats_.size() >= kMaxRepeats) repeats_.clear();
  const auto [repeat, is_new] = repeats_.try_emplace(line, Repeat{now, 0});
  if (!is_new && now - repeat->second.written_ms < kRepeatMs) {
    ++repeat->second.left_out;
    return;
  }
  if (repeat->second.left_out > 0) line += " left_out=" + std::to_string(repeat->second.left_out);
  repeat->second = {now, 0};
  writer_("time=" + stamp(clock_.unix_us()) + line + "\n");
}

}  // namespace dsnwatch::daemon
