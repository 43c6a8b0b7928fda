#include "ingest/format/named_formats.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

namespace dsnwatch::ingest {
namespace {

constexpr std::string_view kSeveral = "formats ";

/// "SIZE:BYTES" at the head, which is taken off.
std::optional<std::string_view> take_sized(std::string_view& text) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end == text.data() + text.size() || *end != ':') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end + 1 - text.data()));
  if (size > text.size()) return std::nullopt;
  const std::string_view bytes = text.substr(0, size);
  text.remove_prefix(size);
  return bytes;
}

std::string sized(std::string_view bytes) {
  return std::to_string(bytes.size()).append(1, ':').append(bytes);
}

}  // namespace

core::Result<std::unique_ptr<Format>> NamedFormats::make(std::string_view own, FormatSettings settings) {
  auto format = make_format(own, settings);
  if (!format) return format;
  return std::unique_ptr<Format>(new NamedFormats(std::string(own), std::move(*format), std::move(settings)));
}

NamedFormats::NamedFormats(std::string name, std::unique_ptr<Format> own, FormatSettings settings)
    : name_(std::move(name)), own_(std::move(own)), settings_(std::move(settings)) {}

Format& NamedFormats::format_of(const Message& message) {
  if (message.format.empty() || message.format == name_ || !is_format(message.format)) return *own_;
  return other(message.format, message.time_us);
}

/// Made when it is first named: `time_us` is then nearer to the stamps than the moment when the source was opened.
Format& NamedFormats::other(std::string_view name, std::int64_t time_us) {
  const auto found = others_.find(name);
  if (found != others_.end()) return *found->second;
  FormatSettings settings = settings_;
  settings.time.reference_us = std::max(settings.time.reference_us, time_us);
  // Name and time zone were found good before.
  return *others_.emplace(name, std::move(*make_format(name, std::move(settings)))).first->second;
}

void NamedFormats::parse(std::string_view lines, RecordSink& sink) {
  own_->parse(lines, sink);
  add_up();
}

void NamedFormats::parse_messages(std::span<const Message> messages, RecordSink& sink) {
  while (!messages.empty()) {
    const std::string_view name = messages.front().format;
    const auto end = std::find_if(messages.begin(), messages.end(), [&](const Message& m) { return m.format != name; });
    const auto run = messages.first(static_cast<std::size_t>(end - messages.begin()));
    format_of(run.front()).parse_messages(run, sink);
    messages = messages.subspan(run.size());
  }
  add_up();
}

void NamedFormats::finish(RecordSink& sink) {
  own_->finish(sink);
  for (const auto& [name, format] : others_) format->finish(sink);
  add_up();
}

void NamedFormats::skip_line(Unparsed reason) {
  own_->skip_line(reason);
  add_up();
}

void NamedFormats::add_up() {
  if (others_.empty()) return;
  counts_ = own_->counts();
  for (const auto& [name, format] : others_) {
    const FormatCounts& more = format->counts();
    counts_.lines += more.lines;
    for (std::size_t i = 0; i < counts_.unparsed.size(); ++i) counts_.unparsed[i] += more.unparsed[i];
  }
}

std::string NamedFormats::save() const {
  if (others_.empty()) return own_->save();
  std::string saved(kSeveral);
  saved += sized(own_->save());
  for (const auto& [name, format] : others_) saved.append(sized(name)).append(sized(format->save()));
  return saved;
}

void NamedFormats::restore(std::string_view saved) {
  if (!saved.starts_with(kSeveral)) return own_->restore(saved);
  saved.remove_prefix(kSeveral.size());
  if (const auto own = take_sized(saved)) own_->restore(*own);
  while (!saved.empty()) {
    const auto name = take_sized(saved);
    const auto state = name ? take_sized(saved) : std::nullopt;
    if (!state) break;
    // The source's own setting may have become this one.
    if (*name != name_ && is_format(*name)) other(*name, core::kNoTime).restore(*state);
  }
  add_up();
}

}  // namespace dsnwatch::ingest
