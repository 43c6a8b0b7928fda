#include "daemon/report/row_table.h"

#include <algorithm>

#include "core/same_bytes.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::string_view kOther = "other";

}  // namespace

RowTable::RowTable(std::size_t most_rows) : most_rows_(most_rows) {}

Row* RowTable::find(std::string_view key, std::uint64_t hash) {
  const std::uint32_t found =
      index_.find(hash, [&](std::uint32_t position) { return core::same_text(rows_[position].key, key); });
  return found == core::FlatIndex::kNone ? nullptr : &rows_[found];
}

Row& RowTable::at(std::string_view key) {
  if (last_ != nullptr && core::same_text(last_->key, key)) return *last_;
  const std::uint64_t hash = core::seeded_hash(key);
  Row* row = find(key, hash);
  return row == nullptr ? insert(key, hash) : *(last_ = row);
}

Row& RowTable::at_spelling(const Sought& sought, Normalise normalise) {
  const std::string_view spelling = sought.spelling;
  // "<>" is a key of its own making, which no spelling means.
  if (!spelling.starts_with('<')) {
    if (sought.likely != nullptr && core::same_text(sought.likely->key, spelling)) return *sought.likely;
    if (Row* row = find(spelling, sought.hash); row != nullptr) return *row;
  }
  return at(normalise(spelling, normalised_) ? std::string_view(normalised_) : kOther);
}

Row& RowTable::insert(std::string_view key, std::uint64_t hash) {
  if (rows_.size() >= most_rows_ && key != kOther) {
    ++overflowed_;
    if (other_ == nullptr) other_ = &at(kOther);  // A key that is really called "other" shares the row.
    return *other_;
  }
  index_.insert(hash, static_cast<std::uint32_t>(rows_.size()));
  last_ = &rows_.add();
  if (key.size() <= last_->short_key.size()) {
    std::copy(key.begin(), key.end(), last_->short_key.begin());
    last_->key = {last_->short_key.data(), key.size()};
  } else {
    last_->key = long_keys_.keep(key);
  }
  return *last_;
}

}  // namespace dsnwatch::daemon
