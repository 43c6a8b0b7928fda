#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dsnwatch::ingest {

/// Memory in cells of one size, numbered from 1, so that nothing fragments and a limit in bytes is exact. Freed cells
/// are taken again first, which keeps a busy pool within the processor's cache. Not thread-safe.
class CellPool {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = 0;
  static constexpr std::size_t kCellSize = 128;  ///< Two cache lines.

  /// At most `memory` bytes of cells; at least one slab.
  explicit CellPool(std::size_t memory) : slab_limit_(memory / kSlabSize > 0 ? memory / kSlabSize : 1) {}

  /// kNone where the limit is reached. The content is undefined.
  Index allocate() {
    if (free_ != kNone) {
      const Index index = free_;
      std::memcpy(&free_, at(index), sizeof free_);
      return index;
    }
    if (next_ == capacity_ && !grow()) return kNone;
    return ++next_;
  }

  void release(Index index) {
    std::memcpy(at(index), &free_, sizeof free_);
    free_ = index;
  }

  std::byte* at(Index index) const {
    const Index zero_based = index - 1;
    return slabs_[zero_based / kCellsPerSlab].get() + (zero_based % kCellsPerSlab) * kCellSize;
  }

  std::size_t memory_used() const { return slabs_.size() * kSlabSize; }

 private:
  static constexpr Index kCellsPerSlab = 256;
  static constexpr std::size_t kSlabSize = kCellsPerSlab * kCellSize;

  bool grow() {
    if (slabs_.size() == slab_limit_) return false;
    slabs_.push_back(std::make_unique<std::byte[]>(kSlabSize));
    capacity_ += kCellsPerSlab;
    return true;
  }

  std::size_t slab_limit_;
  std::vector<std::unique_ptr<std::byte[]>> slabs_;
  Index free_ = kNone;
  Index next_ = 0;
  Index capacity_ = 0;
};

/// Text in one cell, or in a chain of them where it is long.
struct TextCell {
  static constexpr std::size_t kCapacity = CellPool::kCellSize - 8;
  CellPool::Index next = CellPool::kNone;
  std::uint16_t size = 0;  ///< In this cell.
  std::uint16_t unused = 0;
  char bytes[kCapacity];
};
static_assert(sizeof(TextCell) == CellPool::kCellSize);

}  // namespace dsnwatch::ingest
