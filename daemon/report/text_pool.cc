#include "daemon/report/text_pool.h"

namespace dsnwatch::daemon {

TextId TextPool::keep(std::string_view text) {
  if (text.empty()) return 0;
  if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
  constexpr std::size_t kCostOfAnEntry = 64;
  if (bytes_ + text.size() + kCostOfAnEntry > kMostBytes) return 0;
  bytes_ += text.size() + kCostOfAnEntry;
  texts_.push_back(arena_.keep(text));
  const auto id = static_cast<TextId>(texts_.size());
  ids_.emplace(texts_.back(), id);
  return id;
}

}  // namespace dsnwatch::daemon
