#include "core/classify/candidate_scan.h"

#include <algorithm>
#include <array>
#include <limits>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/classify/byte_class.h"
#include "core/same_bytes.h"

namespace dsnwatch::core {
namespace {

static_assert(NormalReply::kSlack >= kPadding);

constexpr ByteClass kWordBytes("abcdefghijklmnopqrstuvwxyz0123456789");

bool stands_alone(std::uint8_t edges, std::string_view text, std::size_t begin, std::size_t end) {
  if ((edges & LiteralTarget::kWordBegin) != 0 && begin > 0 && kWordBytes.has(text[begin - 1])) return false;
  return (edges & LiteralTarget::kWordEnd) == 0 || end >= text.size() || !kWordBytes.has(text[end]);
}

// How many of the numbers are smaller than `limit`.
std::size_t smaller_than(const std::array<std::int32_t, 16>& numbers, std::int32_t limit) {
#ifdef __SSE2__
  const auto* const vectors = reinterpret_cast<const __m128i*>(numbers.data());
  const __m128i limits = _mm_set1_epi32(limit);
  const auto smaller = [&](std::size_t i) { return _mm_cmpgt_epi32(limits, _mm_load_si128(vectors + i)); };
  // A byte for each, -1 where it is smaller; SSE2 adds up eight at a time.
  const __m128i low = _mm_packs_epi32(smaller(0), smaller(1)), high = _mm_packs_epi32(smaller(2), smaller(3));
  const __m128i ones = _mm_sub_epi8(_mm_setzero_si128(), _mm_packs_epi16(low, high));
  const __m128i sums = _mm_sad_epu8(ones, _mm_setzero_si128());
  return static_cast<std::size_t>(_mm_extract_epi16(sums, 0) + _mm_extract_epi16(sums, 4));
#else
  return static_cast<std::size_t>(
      std::count_if(numbers.begin(), numbers.end(), [&](std::int32_t n) { return n < limit; }));
#endif
}

}  // namespace

CandidateScan::CandidateScan(const RuleSet::Impl& rules)
    : rules_(rules),
      ways_(rules.ways.size()),
      met_(rules.need_width),
      places_(LiteralFilter::kMostTogether),
      placed_(rules.ways.size() + 1),
      candidates_(rules.ways.size()) {
  found_ways_.reserve(128);
}

// A literal of the way stands from `begin` to `end`; the filter found its piece, which ends at `piece_end`.
__attribute__((always_inline)) inline void CandidateScan::find_way(std::uint32_t number, std::uint32_t begin,
                                                                   std::uint32_t end, std::uint32_t piece_end) {
  FoundWay& way = ways_[number];
  if (way.text == text_) {
    way.first = std::min(way.first, begin);
    way.last = std::max(way.last, begin);
    return;
  }
  way = {text_, begin, end, piece_end, begin, begin};
  found_ways_.push_back(number);
}

void CandidateScan::find_mark(const LiteralTarget& target, Reading& reading) {
  switch (target.kind) {
    case LiteralTarget::kRule:
      return;
    case LiteralTarget::kProviderMark:
      if (target.length <= mark_length_) return;
      mark_length_ = target.length;
      reading.marked_provider = static_cast<ProviderId>(target.index);
      return;
    case LiteralTarget::kBlocklistMark:
      if (target.length <= list_length_) return;
      list_length_ = target.length;
      reading.list = static_cast<BlocklistId>(target.index);
      return;
    case LiteralTarget::kMarker:
      return reading.set(static_cast<Marker>(target.index));
  }
}

void CandidateScan::read(Reading& reading) {
  if (++text_ == 0) {
    std::fill(ways_.begin(), ways_.end(), FoundWay());
    text_ = 1;
  }
  found_ways_.clear();
  mark_length_ = list_length_ = 0;
  std::fill(met_.begin(), met_.end(), NeedBits());
  met_.front().set(0);  // there is nothing that need 0 stands for
  rules_.filter.scan(reading.reply.folded, [&](std::span<const LiteralFilter::Occurrence> some) {
    const std::span<Place> places = places_of(some);
    meet_needs(some);
    take(standing(places, reading.reply.folded), reading);
  });
}

// Notes the needs that are met.
void CandidateScan::meet_needs(std::span<const LiteralFilter::Occurrence> some) {
  const LiteralUse* const literals = rules_.literals.data();
  for (std::size_t block = 0; block < rules_.need_width; ++block) {
    const NeedBits* const rows = rules_.need_rows.data() + block;
    NeedBits met = met_[block];
    for (const LiteralFilter::Occurrence& occurrence : some) {
      const NeedBits& row = rows[literals[occurrence.literal].need_row];
#pragma GCC unroll 8
      for (std::size_t word = 0; word < met.words.size(); ++word) met.words[word] |= row.words[word];
    }
    met_[block] = met;
  }
}

// Where the texts of targets may stand.
std::span<CandidateScan::Place> CandidateScan::places_of(std::span<const LiteralFilter::Occurrence> some) {
  const LiteralUse* const literals = rules_.literals.data();
  const LiteralTarget* const targets = rules_.targets.data();
  std::size_t count = 0;
  for (const LiteralFilter::Occurrence& occurrence : some) {
    const LiteralUse use = literals[occurrence.literal];
    __builtin_prefetch(targets + use.first_target);
    const std::size_t most = count + 2 + use.behind_targets - use.first_target;
    if (places_.size() < most) places_.resize(2 * most);
    // Most have none, one or two: no branch for these.
    Place* const places = places_.data();
    places[count] = {use.first_target, occurrence.end};
    count += use.first_target < use.behind_targets ? 1 : 0;
    places[count] = {use.first_target + 1, occurrence.end};
    count += use.first_target + 1 < use.behind_targets ? 1 : 0;
    for (std::uint32_t target = use.first_target + 2; target < use.behind_targets; ++target) {
      places[count++] = {target, occurrence.end};
    }
  }
  return {places_.data(), count};
}

// Those of the places where the text of the target does stand. Half of them: no branch hangs on it.
std::span<const CandidateScan::Place> CandidateScan::standing(std::span<Place> places, std::string_view text) const {
  const LiteralTarget* const targets = rules_.targets.data();
  const char* const texts = rules_.texts.data();
  std::size_t count = 0;
  for (const Place place : places) {
    const LiteralTarget& target = targets[place.target];
    const std::uint32_t begin = place.end - target.lead;
    const bool inside = place.end >= target.lead && begin + std::size_t{target.length} <= text.size();
    const bool same = same_beginning(text.data() + (inside ? begin : 0), texts + target.text, target.length);
    places[count] = place;
    count += static_cast<std::size_t>(inside && same);
  }
  return places.first(count);
}

void CandidateScan::take(std::span<const Place> places, Reading& reading) {
  const LiteralTarget* const targets = rules_.targets.data();
  for (const Place& place : places) {
    const LiteralTarget& target = targets[place.target];
    const std::uint32_t begin = place.end - target.lead, end = begin + target.length;
    if (target.edges != 0 && !stands_alone(target.edges, reading.reply.folded, begin, end)) continue;
    if (target.length > kPadding &&
        !same_bytes(reading.reply.folded.data() + begin + kPadding, rules_.texts.data() + target.text + kPadding,
                    target.length - kPadding)) {
      continue;
    }
    if (target.kind == LiteralTarget::kRule) {
      find_way(target.index, begin, end, place.end);
    } else {
      find_mark(target, reading);
    }
  }
}

// Without a branch: which ways do is anybody's guess.
inline bool CandidateScan::meets_needs(const WayGate& way) const {
  bool all = true;
  for (const std::uint16_t need : way.needs) all &= met_[need / NeedBits::kNeeds].has(need % NeedBits::kNeeds);
  return all;
}

void CandidateScan::add(std::span<const std::uint32_t> ways, std::size_t subject) {
  for (const std::uint32_t way : ways) placed_[placed_count_++] = {rules_.gates[way].places[subject], way};
}

// By place; no two have the same. Of a few the number of each is how many places are smaller, which asks for no
// decision that the processor could guess wrongly.
void CandidateScan::sort() {
  constexpr std::size_t kFew = 16;
  if (placed_count_ > kFew) {
    std::sort(placed_.data(), placed_.data() + placed_count_,
              [](const Placed& a, const Placed& b) { return a.place < b.place; });
    for (std::size_t i = 0; i < placed_count_; ++i) candidates_[i] = placed_[i].way;
    return;
  }
  alignas(16) std::array<std::int32_t, kFew> places;
  places.fill(std::numeric_limits<std::int32_t>::max());
  for (std::size_t i = 0; i < placed_count_; ++i) places[i] = placed_[i].place;
  for (std::size_t i = 0; i < placed_count_; ++i) candidates_[smaller_than(places, places[i])] = placed_[i].way;
}

std::span<const std::uint32_t> CandidateScan::candidates(const Reading& reading) {
  placed_count_ = 0;
  const bool of_its_own = reading.status.present() && reading.status.subject < WayGate::kSubjects;
  const std::size_t subject = of_its_own ? reading.status.subject : 0;
  for (const std::uint32_t way : found_ways_) {
    const WayGate& gate = rules_.gates[way];
    placed_[placed_count_] = {gate.places[subject], way};
    placed_count_ += meets_needs(gate) ? 1 : 0;
  }
  add(rules_.unguarded, subject);
  if (reading.status.present()) add(rules_.by_codes.by_status(reading.status), subject);
  add(rules_.by_codes.by_reply_code(reading.reply.smtp_code), subject);
  sort();
  return {candidates_.data(), placed_count_};
}

// A match holds one of the literals, so it begins within what may stand between its begin and a literal's.
Candidate CandidateScan::candidate(std::uint32_t number) const {
  const Way& way = rules_.ways[number];
  if (!way.guarded) return {&way, {}, 0, PatternProgram::kAnywhere};
  const FoundWay& found = ways_[number];
  Candidate candidate{
      &way, {found.span_begin, found.span_end}, 0, found.last - std::min<std::size_t>(way.before.least, found.last)};
  if (found.first > way.before.most) candidate.from = found.first - way.before.most;
  if (found.piece_end > way.longest) candidate.from = std::max(candidate.from, found.piece_end - way.longest);
  return candidate;
}

}  // namespace dsnwatch::core
