#include "ingest/envelope/partial_texts.h"

#include <algorithm>
#include <charconv>

namespace dsnwatch::ingest {
namespace {

void put(std::string_view text, std::string& out) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

bool take(std::string_view& saved, std::string_view& text) {
  std::size_t size = 0;
  const char* const end = saved.data() + saved.size();
  const auto [stop, error] = std::from_chars(saved.data(), end, size);
  if (error != std::errc() || stop == end || *stop != ':' || static_cast<std::size_t>(end - stop - 1) < size)
    return false;
  text = {stop + 1, size};
  saved = {stop + 1 + size, static_cast<std::size_t>(end - stop - 1) - size};
  return true;
}

bool take_number(std::string_view& saved, std::uint64_t& number) {
  std::string_view text;
  if (!take(saved, text)) return false;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && stop == text.data() + text.size();
}

}  // namespace

PartialTexts::Open* PartialTexts::find(std::uint64_t stream) {
  const auto end = texts_.begin() + static_cast<std::ptrdiff_t>(open_);
  const auto found = std::find_if(texts_.begin(), end, [&](const Open& text) { return text.stream == stream; });
  return found == end ? nullptr : &*found;
}

PartialTexts::Open& PartialTexts::open(std::uint64_t stream) {
  if (open_ == texts_.size()) texts_.emplace_back();
  Open& text = texts_[open_++];
  text.stream = stream;
  text.text.clear();
  text.stamp.clear();
  text.stamp_kind = StampKind::kNone;
  text.host.clear();
  return text;
}

void PartialTexts::append(Open& text, std::string_view part) {
  part = part.substr(0, kLongest - std::min(kLongest, text.text.size()));
  text.text += part;
  memory_ += part.size();
}

void PartialTexts::close(Open& text) {
  memory_ -= text.text.size();
  const auto at = texts_.begin() + (&text - texts_.data());
  std::rotate(at, at + 1, texts_.begin() + static_cast<std::ptrdiff_t>(open_));
  --open_;
}

std::string PartialTexts::save() const {
  std::string saved;
  for (std::size_t i = 0; i < open_; ++i) {
    const Open& text = texts_[i];
    put(std::to_string(text.stream), saved);
    put(std::to_string(text.number), saved);
    put(std::to_string(static_cast<unsigned>(text.stamp_kind)), saved);
    for (const std::string* part : {&text.stamp, &text.host, &text.text}) put(*part, saved);
  }
  return saved;
}

void PartialTexts::restore(std::string_view saved) {
  std::uint64_t stream = 0, number = 0, kind = 0;
  std::string_view stamp, host, text;
  while (take_number(saved, stream) && take_number(saved, number) && take_number(saved, kind) && take(saved, stamp) &&
         take(saved, host) && take(saved, text)) {
    if (full(text.size()) || find(stream) != nullptr || kind > static_cast<unsigned>(StampKind::kEpoch)) return;
    Open& restored = open(stream);
    restored.number = number;
    restored.stamp_kind = static_cast<StampKind>(kind);
    restored.stamp = stamp;
    restored.host = host;
    append(restored, text);
  }
}

}  // namespace dsnwatch::ingest
