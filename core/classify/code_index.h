#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/enhanced_status.h"

namespace dsnwatch::core {

/// A condition on a number some of whose parts may be open: "5.7.x" or "4xx".
struct StatusPattern {
  static constexpr std::uint16_t kAny = 0xffff;
  std::uint16_t klass = kAny, subject = kAny, detail = kAny;
  bool matches(EnhancedStatus status) const {
    return status.present() && (klass == kAny || klass == status.klass) &&
           (subject == kAny || subject == status.subject) && (detail == kAny || detail == status.detail);
  }
};
struct ReplyCodePattern {
  std::uint16_t first = 0, last = 999;
  bool matches(std::uint16_t code) const { return code != 0 && code >= first && code <= last; }
};

/// What is found by a reply's codes alone, as numbers. What is found may still ask for more: it is what may apply.
class CodeIndex {
 public:
  /// Of several conditions on the enhanced code one must hold; those on the reply code count where there is none.
  void add(std::uint32_t number, std::span<const StatusPattern> statuses, std::span<const ReplyCodePattern> codes);
  /// Behind the last add().
  void finish();

  /// Each number once.
  std::span<const std::uint32_t> by_status(EnhancedStatus status) const {
    const std::size_t subject = status.subject < kSubjects ? status.subject : kSubjects;
    const std::vector<List>& details = lists_[subject];
    return of(details[status.detail + std::size_t{1} < details.size() ? status.detail + std::size_t{1} : 0]);
  }
  std::span<const std::uint32_t> by_reply_code(std::uint16_t code) const {
    return code < codes_.size() ? of(codes_[code]) : std::span<const std::uint32_t>();
  }

 private:
  static constexpr std::size_t kSubjects = 10;
  struct List {
    std::uint32_t begin = 0, count = 0;
  };
  struct Entry {
    std::uint32_t number;
    std::vector<StatusPattern> statuses;
    std::vector<ReplyCodePattern> codes;
  };
  std::span<const std::uint32_t> of(List list) const { return {numbers_.data() + list.begin, list.count}; }
  template <class Applies>
  List list_of(Applies applies);
  std::vector<List> lists_of(std::size_t subject);

  std::vector<Entry> entries_;  // until finish()
  std::vector<std::uint32_t> numbers_;
  // By subject (the last: any other), then by 1 + detail; in front that for details that nothing asks for.
  std::array<std::vector<List>, kSubjects + 1> lists_{};
  std::array<List, 1000> codes_{};
};

}  // namespace dsnwatch::core
