#include "core/classify/code_index.h"

#include <algorithm>

namespace dsnwatch::core {

void CodeIndex::add(std::uint32_t number, std::span<const StatusPattern> statuses,
                    std::span<const ReplyCodePattern> codes) {
  entries_.push_back({number, {statuses.begin(), statuses.end()}, {codes.begin(), codes.end()}});
}

template <class Applies>
CodeIndex::List CodeIndex::list_of(Applies applies) {
  List list{.begin = static_cast<std::uint32_t>(numbers_.size())};
  for (const Entry& entry : entries_) {
    if (applies(entry)) numbers_.push_back(entry.number);
  }
  list.count = static_cast<std::uint32_t>(numbers_.size()) - list.begin;
  return list;
}

// The lists of a subject: in front that for details that no entry names.
std::vector<CodeIndex::List> CodeIndex::lists_of(std::size_t subject) {
  constexpr std::uint16_t kAny = StatusPattern::kAny;
  const auto here = [&](const StatusPattern& status) { return status.subject == kAny || status.subject == subject; };
  const auto any_of = [](const Entry& entry, auto holds) {
    return std::any_of(entry.statuses.begin(), entry.statuses.end(), holds);
  };
  std::vector<List> lists = {list_of([&](const Entry& entry) {
    return any_of(entry, [&](const StatusPattern& status) { return here(status) && status.detail == kAny; });
  })};
  for (const Entry& entry : entries_) {
    for (const StatusPattern& named : entry.statuses) {
      if (!here(named) || named.detail == kAny) continue;
      const std::size_t place = named.detail + std::size_t{1};
      if (place >= lists.size()) lists.resize(place + 1, lists.front());
      if (lists[place].begin != lists.front().begin) continue;  // was named before
      lists[place] = list_of([&](const Entry& other) {
        return any_of(other, [&](const StatusPattern& status) {
          return here(status) && (status.detail == kAny || status.detail == named.detail);
        });
      });
    }
  }
  return lists;
}

void CodeIndex::finish() {
  for (std::size_t subject = 0; subject < kSubjects; ++subject) lists_[subject] = lists_of(subject);
  // What names a subject that has no list of its own is found by every such subject.
  lists_[kSubjects] = {list_of([](const Entry& entry) {
    return std::any_of(entry.statuses.begin(), entry.statuses.end(),
                       [](const StatusPattern& status) { return status.subject >= kSubjects; });
  })};
  for (std::size_t code = 1; code < codes_.size(); ++code) {
    codes_[code] = list_of([&](const Entry& entry) {
      return entry.statuses.empty() &&
             std::any_of(entry.codes.begin(), entry.codes.end(), [&](const ReplyCodePattern& pattern) {
               return pattern.matches(static_cast<std::uint16_t>(code));
             });
    });
  }
  entries_ = {};
}

}  // namespace dsnwatch::core
