#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace dsnwatch::core {

/// Finds positions in a dense array that its owner keeps, by hash: linear probing, at most half full, nothing is ever
/// erased singly. The owner compares. Growing is the only time that it allocates.
class FlatIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// The position for which `equal(position)` holds, or kNone.
  template <class Equal>
  std::uint32_t find(std::uint64_t hash, Equal equal) const {
    if (cells_.empty()) return kNone;
    const auto tag = static_cast<std::uint32_t>(hash);
    for (std::size_t at = tag & mask_; cells_[at].position != kNone; at = (at + 1) & mask_) {
      if (cells_[at].tag == tag && equal(cells_[at].position)) return cells_[at].position;
    }
    return kNone;
  }

  /// Begins to fetch what find() will look at first. Looking at many is faster when all are fetched before.
  [[gnu::always_inline]] void prefetch(std::uint64_t hash) const {
    if (!cells_.empty()) __builtin_prefetch(&cells_[static_cast<std::uint32_t>(hash) & mask_]);
  }

  /// The caller has made sure that it is not there yet.
  void insert(std::uint64_t hash, std::uint32_t position) {
    if ((size_ + 1) * 2 > cells_.size()) grow();
    place({static_cast<std::uint32_t>(hash), position});
    ++size_;
  }

  void clear() {
    if (size_ != 0) std::fill(cells_.begin(), cells_.end(), Cell{});
    size_ = 0;
  }

  std::size_t size() const { return size_; }

 private:
  struct Cell {
    std::uint32_t tag = 0;  // The low half of the hash: chooses the cell, also when the table has grown.
    std::uint32_t position = kNone;
  };

  void place(Cell cell) {
    std::size_t at = cell.tag & mask_;
    while (cells_[at].position != kNone) at = (at + 1) & mask_;
    cells_[at] = cell;
  }

  void grow() {
    std::vector<Cell> old(std::max<std::size_t>(16, cells_.size() * 2));
    old.swap(cells_);
    mask_ = cells_.size() - 1;
    for (const Cell& cell : old) {
      if (cell.position != kNone) place(cell);
    }
  }

  std::vector<Cell> cells_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace dsnwatch::core
