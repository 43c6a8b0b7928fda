#include "core/classify/literal_rarity.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>
#include <utility>

namespace dsnwatch::core {

std::size_t LiteralRarity::slot(const char* gram, std::size_t length) {
  std::uint32_t value = 0;
  if (length == kGram) {
    std::memcpy(&value, gram, kGram);
  } else {
    value = static_cast<std::uint32_t>(length) << 24;  // so that "ab" and "\0ab" differ
    for (std::size_t i = 0; i < length; ++i) value |= std::uint32_t{static_cast<unsigned char>(gram[i])} << 8 * i;
  }
  return value * 2654435761U >> 16;  // Knuth's multiplicative hash
}

void LiteralRarity::add_sample(std::string_view folded) {
  ++sample_;
  for (std::size_t length = 1; length <= kGram; ++length) {
    for (std::size_t at = 0; at + length <= folded.size(); ++at) {
      const std::size_t index = slot(folded.data() + at, length);
      if (last_sample_[index] == sample_ || counts_[index] == std::numeric_limits<std::uint16_t>::max()) continue;
      last_sample_[index] = sample_;
      ++counts_[index];
    }
  }
}

std::uint32_t LiteralRarity::samples_with(std::string_view text) const {
  const std::size_t length = std::min(text.size(), kGram);
  std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t at = 0; at + length <= text.size(); ++at) {
    least = std::min<std::uint32_t>(least, counts_[slot(text.data() + at, length)]);
  }
  return least;
}

std::uint32_t LiteralRarity::samples_with_any(const LiteralChoice& choice) const {
  std::uint32_t samples = 0;
  for (const std::string& text : choice.texts) samples += samples_with(text);
  return samples;
}

namespace {

// What replies are full of whatever the samples say: pieces of ids, addresses and times; and two bytes.
bool is_poor(const std::string& text) {
  constexpr std::size_t kShort = 3;
  return text.size() < kShort || std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<const LiteralChoice*> LiteralRarity::rarest_first(const std::vector<LiteralChoice>& choices) const {
  const auto cost = [&](const LiteralChoice& choice) {
    return std::tuple(std::any_of(choice.texts.begin(), choice.texts.end(), is_poor), samples_with_any(choice),
                      std::numeric_limits<std::size_t>::max() - choice.shortest(), choice.texts.size());
  };
  std::vector<std::pair<decltype(cost(choices.front())), const LiteralChoice*>> costs;
  for (const LiteralChoice& choice : choices) costs.emplace_back(cost(choice), &choice);
  std::stable_sort(costs.begin(), costs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const LiteralChoice*> sorted;
  for (const auto& [of_choice, choice] : costs) sorted.push_back(choice);
  return sorted;
}

bool LiteralRarity::rules_out(const LiteralChoice& choice) const {
  return sample_ == 0 || samples_with_any(choice) < sample_ / 2;
}

std::string_view LiteralRarity::rarest_piece(std::string_view text, std::size_t length) const {
  if (text.size() <= length) return text;
  std::string_view rarest;
  std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t at = 0; at + length <= text.size(); ++at) {
    const std::string_view piece = text.substr(at, length);
    const std::uint32_t samples = samples_with(piece);
    if (samples < least) {
      least = samples;
      rarest = piece;
    }
  }
  return rarest;
}

}  // namespace dsnwatch::core
