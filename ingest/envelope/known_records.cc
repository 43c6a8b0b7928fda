#include "ingest/envelope/known_records.h"

#include <algorithm>
#include <utility>

namespace dsnwatch::ingest {

const RecordPlan* KnownRecords::find(std::string_view bytes, RecordLayout::Values& values, const char*& behind) {
  missed_ = false;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    const std::size_t at = (last_ + i) % known_.size();
    const Known& known = known_[at];
    if (known.plan.way == RecordPlan::Way::kNone) continue;
    behind = known.layout.match(bytes.data(), bytes.data() + bytes.size(), values);
    if (behind == nullptr) continue;
    last_ = at;
    return &known.plan;
  }
  missed_ = true;
  judge(false);
  return nullptr;
}

/// What was of the least use lately makes room.
KnownRecords::Known& KnownRecords::place_for_new() {
  if (known_.size() < kMost) return known_.emplace_back();
  const auto less = [](const Known& one, const Known& other) { return one.useful < other.useful; };
  Known& least = *std::min_element(known_.begin(), known_.end(), less);
  for (Known& known : known_) known.useful /= 2;
  least.useful = 0;
  return least;
}

void KnownRecords::learn_missed(std::string_view record, const RecordKeys& keys) {
  missed_ = false;
  if (trust_ <= 0) {
    rested_ = 0;
    pause_ = std::min(pause_ * 2, kLongestPause);
    trust_ = kNewTrust;
    lessons_ = std::max(lessons_, kNewLessons);
  }
  --lessons_;
  std::vector<RecordLayout::Leaf> leaves = RecordLayout::split(record);
  if (leaves.empty()) return;
  const auto like = [&](const Known& known) { return known.layout.resembles(record, leaves); };
  const auto found = std::find_if(known_.begin(), known_.end(), like);
  Known& known = found == known_.end() ? place_for_new() : *found;
  const bool usable = known.layout.learn(record, std::move(leaves));
  known.plan = usable ? plan_records(known.layout, keys) : RecordPlan{};
}

}  // namespace dsnwatch::ingest
