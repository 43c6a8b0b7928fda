#include "core/classify/literal_rarity.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace dsnwatch::core {

std::size_t LiteralRarity::slot(std::string_view gram) {
  std::uint32_t value = 0;
  for (const char c : gram) value = value << 8 | static_cast<unsigned char>(c);
  return value * 2654435761U >> 16;  // Knuth's multiplicative hash
}

void LiteralRarity::add_sample(std::string_view folded) {
  ++sample_;
  for (std::size_t at = 0; at + kGram <= folded.size(); ++at) {
    const std::size_t index = slot(folded.substr(at, kGram));
    if (last_sample_[index] == sample_ || counts_[index] == std::numeric_limits<std::uint16_t>::max()) continue;
    last_sample_[index] = sample_;
    ++counts_[index];
  }
}

std::uint32_t LiteralRarity::samples_with(std::string_view text) const {
  // Too short to be counted: stands in about every reply.
  if (text.size() < kGram)
    return std::numeric_limits<std::uint16_t>::max() + 1U - static_cast<std::uint32_t>(text.size());
  std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t at = 0; at + kGram <= text.size(); ++at) {
    least = std::min<std::uint32_t>(least, counts_[slot(text.substr(at, kGram))]);
  }
  return least;
}

const LiteralChoice* LiteralRarity::best(const std::vector<LiteralChoice>& choices) const {
  const auto cost = [&](const LiteralChoice& choice) {
    std::uint32_t samples = 0;
    std::size_t shortest = std::numeric_limits<std::size_t>::max();
    for (const std::string& text : choice) {
      samples += samples_with(text);
      shortest = std::min(shortest, text.size());
    }
    return std::tuple(samples, std::numeric_limits<std::size_t>::max() - shortest, choice.size());
  };
  const auto best =
      std::min_element(choices.begin(), choices.end(), [&](const auto& a, const auto& b) { return cost(a) < cost(b); });
  return best == choices.end() ? nullptr : &*best;
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
