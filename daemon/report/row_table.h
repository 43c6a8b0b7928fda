#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/series/flat_index.h"
#include "core/series/seeded_hash.h"
#include "daemon/report/byte_arena.h"
#include "daemon/report/row_store.h"

namespace dsnwatch::daemon {

/// Most keys a list of the report holds (design section 6).
inline constexpr std::size_t kMostRows = 200'000;

/// Rows by key, bounded: what comes when the table is full counts under `other`. A known key costs one look-up without
/// allocation; the key of the call before costs a comparison. Not thread-safe.
class RowTable {
 public:
  explicit RowTable(std::size_t most_rows = kMostRows);

  /// The row of a key, or of `other`. Rows stay where they are.
  Row& at(std::string_view key);

  /// A spelling of a key that is looked up once for all that it is asked for.
  struct Sought {
    std::string_view spelling;
    std::uint64_t hash = 0;  ///< seeded_hash()
    Row* likely = nullptr;   ///< The row, but for an accident; nullptr: not looked for, or none.
  };

  /// The row of the key that `normalise` makes of a spelling, or of `other` if it returns false. A spelling that is
  /// already the key is not normalised again.
  using Normalise = bool (*)(std::string_view spelling, std::string& key);
  Row& at_spelling(const Sought& sought, Normalise normalise);
  Row& at_spelling(std::string_view spelling, Normalise normalise) {
    return at_spelling({spelling, core::seeded_hash(spelling)}, normalise);
  }

  /// For spellings that at_spelling() will soon be asked for: begins to fetch the place in the index, and in a second
  /// round the row. With tens of thousands of rows nearly every look-up else waits for memory.
  /// Always inline: g++ 12 takes a function that only prefetches for one without effect, and drops its calls.
  [[gnu::always_inline]] void prefetch_place(const Sought& sought) const { index_.prefetch(sought.hash); }
  [[gnu::always_inline]] void prefetch_row(Sought& sought, bool all_of_it) {
    const std::uint32_t found = index_.find(sought.hash, [](std::uint32_t) { return true; });
    if (found == core::FlatIndex::kNone) return;
    sought.likely = &rows_[found];
    const auto* const row = reinterpret_cast<const char*>(sought.likely);
    __builtin_prefetch(row);
    if (!all_of_it) return;
    for (std::size_t at = kLine; at < sizeof(Row); at += kLine) __builtin_prefetch(row + at);
  }

  const RowStore& rows() const { return rows_; }
  /// Attempts whose key found no room.
  std::uint64_t overflowed() const { return overflowed_; }

 private:
  static constexpr std::size_t kLine = alignof(Row);  // of the cache

  Row* find(std::string_view key, std::uint64_t hash);
  Row& insert(std::string_view key, std::uint64_t hash);

  std::size_t most_rows_;
  core::FlatIndex index_;
  RowStore rows_;
  ByteArena long_keys_;
  std::string normalised_;
  Row* last_ = nullptr;
  Row* other_ = nullptr;
  std::uint64_t overflowed_ = 0;
};

}  // namespace dsnwatch::daemon
