#include "daemon/report/text_pool.h"

#include "core/same_bytes.h"
#include "core/series/seeded_hash.h"

namespace dsnwatch::daemon {

TextId TextPool::keep(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint64_t hash = core::seeded_hash(text);
  const std::uint32_t found = index_.find(hash, [&](std::uint32_t at) { return core::same_text(texts_[at], text); });
  if (found != core::FlatIndex::kNone) return found + 1;
  constexpr std::size_t kCostOfAnEntry = 64;
  if (bytes_ + text.size() + kCostOfAnEntry > kMostBytes) return 0;
  bytes_ += text.size() + kCostOfAnEntry;
  index_.insert(hash, static_cast<std::uint32_t>(texts_.size()));
  texts_.push_back(arena_.keep(text));
  return static_cast<TextId>(texts_.size());
}

}  // namespace dsnwatch::daemon
