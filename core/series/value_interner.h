#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/series/flat_index.h"
#include "core/series/seeded_hash.h"
#include "core/series/series_key.h"

namespace dsnwatch::core {

/// Numbers the values of one bounded label as one worker meets them: text as logged → normalised value → id. Each
/// spelling is normalised once. Allocates only for spellings that are new.
class ValueInterner {
 public:
  ValueInterner() { clear(); }

  /// `normalise(raw, out)` returns false for text that is no usable value: its id is kOtherValue.
  template <class Normalise>
  std::uint32_t intern(std::string_view raw, Normalise normalise) {
    if (raw.size() > kMaxSpelling) return kOtherValue;
    const std::uint64_t hash = seeded_hash(raw);
    const std::uint32_t found = find(raw, hash);
    if (found != FlatIndex::kNone) return spellings_[found].value;
    const std::uint32_t value = normalise(raw, scratch_) ? value_of(scratch_) : kOtherValue;
    // The normalised form may have been the raw one: value_of() has then entered it.
    if (find(raw, hash) == FlatIndex::kNone) enter(raw, hash, value);
    return value;
  }

  /// Counts attempts towards the weight of a value.
  void weigh(std::uint32_t value, std::uint64_t attempts) { values_[value].attempts += attempts; }

  std::size_t size() const { return values_.size(); }
  std::string_view text(std::uint32_t value) const { return spelling(spellings_[values_[value].spelling]); }
  std::uint64_t attempts(std::uint32_t value) const { return values_[value].attempts; }

  /// Spellings remembered, for the bound of the tally.
  std::size_t spellings() const { return spellings_.size(); }
  std::size_t bytes() const { return bytes_.size(); }

  void clear() {
    bytes_.clear();
    spellings_.clear();
    values_.clear();
    index_.clear();
    for (const std::string_view reserved : {"other", "unknown", "<>"}) value_of(reserved);
  }

 private:
  // The longest domain, and room for UTF-8 names that shorten to one.
  static constexpr std::size_t kMaxSpelling = 1024;

  struct Spelling {
    std::uint32_t offset, length, value;
  };
  struct Value {
    std::uint32_t spelling;
    std::uint64_t attempts;
  };

  std::string_view spelling(const Spelling& entry) const {
    return std::string_view(bytes_).substr(entry.offset, entry.length);
  }

  std::uint32_t find(std::string_view raw, std::uint64_t hash) const {
    return index_.find(hash, [&](std::uint32_t at) { return spelling(spellings_[at]) == raw; });
  }

  void enter(std::string_view text, std::uint64_t hash, std::uint32_t value) {
    index_.insert(hash, static_cast<std::uint32_t>(spellings_.size()));
    spellings_.push_back({static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size()), value});
    bytes_.append(text);
  }

  std::uint32_t value_of(std::string_view canonical) {
    const std::uint64_t hash = seeded_hash(canonical);
    const std::uint32_t found = find(canonical, hash);
    if (found != FlatIndex::kNone) return spellings_[found].value;
    const auto made = static_cast<std::uint32_t>(values_.size());
    values_.push_back({static_cast<std::uint32_t>(spellings_.size()), 0});
    enter(canonical, hash, made);
    return made;
  }

  std::string bytes_;
  std::vector<Spelling> spellings_;
  std::vector<Value> values_;
  FlatIndex index_;
  std::string scratch_;
};

}  // namespace dsnwatch::core
