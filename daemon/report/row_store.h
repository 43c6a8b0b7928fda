#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "daemon/report/row.h"

namespace dsnwatch::daemon {

/// Rows by position, which stay where they are. std::deque would put three of them into a node and divide to find one.
class RowStore {
 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Row;
    using pointer = const Row*;
    using reference = const Row&;
    using iterator_category = std::forward_iterator_tag;

    Iterator(const RowStore& store, std::size_t at) : store_(&store), at_(at) {}
    const Row& operator*() const { return (*store_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    const RowStore* store_;
    std::size_t at_;
  };

  Row& add() {
    if (size_ % kChunk == 0) chunks_.push_back(std::make_unique<std::array<Row, kChunk>>());
    ++size_;
    return (*this)[size_ - 1];
  }

  Row& operator[](std::size_t at) { return (*chunks_[at / kChunk])[at % kChunk]; }
  const Row& operator[](std::size_t at) const { return (*chunks_[at / kChunk])[at % kChunk]; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }

 private:
  static constexpr std::size_t kChunk = 64;
  std::vector<std::unique_ptr<std::array<Row, kChunk>>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace dsnwatch::daemon
