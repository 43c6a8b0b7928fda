#include "core/series/heavy_sketch.h"

#include <cmath>
#include <utility>

namespace dsnwatch::core {

void HeavySketch::add(std::string_view value, double weight) {
  if (capacity_ == 0) return;
  const auto known = by_value_.find(value);
  if (known != by_value_.end()) {
    Entry& entry = entries_[known->second];
    entry.weight += weight;
    sift_down(entry.heap_place);
    return;
  }
  if (entries_.size() < capacity_) {
    const auto made = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({std::string(value), weight, 0, kNotHeavy, made});
    heap_.push_back(made);
    by_value_.emplace(value, made);
    sift_up(made);
    return;
  }
  Entry& lightest = entries_[heap_.front()];
  auto node = by_value_.extract(lightest.value);
  node.key().assign(value);
  by_value_.insert(std::move(node));
  lightest.value.assign(value);
  lightest.error = lightest.weight;
  lightest.weight += weight;
  lightest.heavy_since = kNotHeavy;
  sift_down(0);
}

double HeavySketch::take(std::string_view value) {
  const auto known = by_value_.find(value);
  if (known == by_value_.end()) return 0;
  const std::uint32_t gone = known->second;
  const double certain = entries_[gone].certain();
  by_value_.erase(known);

  const std::size_t hole = entries_[gone].heap_place;
  const std::uint32_t last_in_heap = heap_.back();
  heap_.pop_back();
  if (hole < heap_.size()) {
    put(hole, last_in_heap);
    sift_down(hole);
    sift_up(entries_[last_in_heap].heap_place);
  }
  const auto last = static_cast<std::uint32_t>(entries_.size() - 1);
  if (gone != last) {
    entries_[gone] = std::move(entries_[last]);
    heap_[entries_[gone].heap_place] = gone;
    by_value_.find(std::string_view(entries_[gone].value))->second = gone;
  }
  entries_.pop_back();
  return certain;
}

void HeavySketch::rescale(int exponent) {
  for (Entry& entry : entries_) {
    entry.weight = std::ldexp(entry.weight, exponent);
    entry.error = std::ldexp(entry.error, exponent);
  }
}

void HeavySketch::put(std::size_t place, std::uint32_t entry) {
  heap_[place] = entry;
  entries_[entry].heap_place = static_cast<std::uint32_t>(place);
}

void HeavySketch::sift_down(std::size_t place) {
  const std::uint32_t moving = heap_[place];
  const double weight = entries_[moving].weight;
  for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
    if (child + 1 < heap_.size() && weight_at(child + 1) < weight_at(child)) ++child;
    if (weight_at(child) >= weight) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, moving);
}

void HeavySketch::sift_up(std::size_t place) {
  const std::uint32_t moving = heap_[place];
  const double weight = entries_[moving].weight;
  while (place > 0 && weight_at((place - 1) / 2) > weight) {
    put(place, heap_[(place - 1) / 2]);
    place = (place - 1) / 2;
  }
  put(place, moving);
}

}  // namespace dsnwatch::core
