#include "core/classify/candidate_scan.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "core/same_bytes.h"

namespace dsnwatch::core {
namespace {

static_assert(NormalReply::kSlack >= kPadding);

bool stands_alone(std::uint8_t edges, std::string_view text, std::size_t begin, std::size_t end) {
  if ((edges & LiteralTarget::kWordBegin) != 0 && begin > 0 && is_alphanumeric(text[begin - 1])) return false;
  return (edges & LiteralTarget::kWordEnd) == 0 || end >= text.size() || !is_alphanumeric(text[end]);
}

// For a few numbers, all different: the place of each is how many are smaller, which asks for no decision that the
// processor could guess wrongly. `numbers` has room for kFew.
constexpr std::size_t kFew = 16;

void sort_few(std::uint64_t* numbers, std::size_t count) {
  std::fill(numbers + count, numbers + kFew, ~std::uint64_t{0});
  std::array<std::uint64_t, kFew> sorted;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t smaller = 0;
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kFew; ++j) smaller += numbers[j] < numbers[i] ? 1 : 0;
    sorted[smaller] = numbers[i];
  }
  std::copy_n(sorted.begin(), count, numbers);
}

}  // namespace

CandidateScan::CandidateScan(const RuleSet::Impl& rules)
    : rules_(rules),
      rule_texts_(rules.rules.size()),
      ways_(rules.ways.size()),
      met_(rules.need_words),
      places_(LiteralFilter::kMostTogether),
      candidates_(rules.ways.size() + rules.rules.size() + kFew) {
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
    std::fill(rule_texts_.begin(), rule_texts_.end(), 0);
    std::fill(ways_.begin(), ways_.end(), FoundWay());
    text_ = 1;
  }
  found_ways_.clear();
  mark_length_ = list_length_ = 0;
  std::fill(met_.begin(), met_.end(), 0);
  met_.front() = 1;  // there is nothing that need 0 stands for
  rules_.filter.scan(reading.reply.folded, [&](std::span<const LiteralFilter::Occurrence> some) {
    const std::span<const Place> places = places_of(some);
    meet_needs(some);
    look_around(places, reading);
  });
}

// Notes the needs that are met.
void CandidateScan::meet_needs(std::span<const LiteralFilter::Occurrence> some) {
  const LiteralUse* const literals = rules_.literals.data();
  const std::uint64_t* const rows = rules_.need_rows.data();
  for (std::size_t word = 0; word < rules_.need_words; word += 2) {
    std::uint64_t one = 0, two = 0;
    for (const LiteralFilter::Occurrence& occurrence : some) {
      const std::uint64_t* const row = rows + literals[occurrence.literal].need_row + word;
      one |= row[0];
      two |= row[1];
    }
    met_[word] |= one;
    met_[word + 1] |= two;
  }
}

// Where the texts of targets may stand.
std::span<const CandidateScan::Place> CandidateScan::places_of(std::span<const LiteralFilter::Occurrence> some) {
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

// Whose texts do stand around their pieces.
void CandidateScan::look_around(std::span<const Place> places, Reading& reading) {
  const LiteralTarget* const targets = rules_.targets.data();
  const char* const texts = rules_.texts.data();
  const std::string_view text = reading.reply.folded;
  for (const Place& place : places) {
    const LiteralTarget& target = targets[place.target];
    const std::size_t length = target.length;
    const std::size_t begin = std::size_t{place.end} - target.lead;
    if (place.end < target.lead || begin + length > text.size()) continue;
    if (!same_padded(text.data() + begin, texts + target.text, length)) continue;
    if (target.edges != 0 && !stands_alone(target.edges, text, begin, begin + length)) continue;
    if (target.kind == LiteralTarget::kRule) {
      find_way(target.index, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + length), place.end);
    } else {
      find_mark(target, reading);
    }
  }
}

// Without a branch: which ways do is anybody's guess.
inline bool CandidateScan::meets_needs(const WayGate& way) const {
  std::uint64_t all = 1;
  for (const std::uint16_t need : way.needs) all &= met_[need / 64] >> need % 64;
  return all != 0;
}

void CandidateScan::add(std::uint32_t rule, int subject) {
  if (rule_texts_[rule] == text_) return;
  rule_texts_[rule] = text_;
  candidates_[candidate_count_++] = std::uint64_t{rules_.place(rule, subject)} << 32 | kWholeRule | rule;
}

void CandidateScan::add_by_codes(const Reading& reading, int subject) {
  const auto add_all = [&](const std::vector<std::uint32_t>& list) {
    for (const std::uint32_t rule : list) add(rule, subject);
  };
  if (reading.status.present()) {
    const auto found = rules_.by_status.find(reading.status.subject * 1000U + reading.status.detail);
    if (found != rules_.by_status.end()) add_all(found->second);
    const std::size_t any = rules_.by_subject.size() - 1;
    if (reading.status.subject < any) add_all(rules_.by_subject[reading.status.subject]);
    add_all(rules_.by_subject[any]);
  }
  if (reading.reply.smtp_code < rules_.by_code.size()) add_all(rules_.by_code[reading.reply.smtp_code]);
}

std::span<const std::uint64_t> CandidateScan::candidates(const Reading& reading) {
  candidate_count_ = 0;
  const int subject = reading.status.present() ? reading.status.subject : 0;
  for (const std::uint32_t number : found_ways_) {
    const WayGate& way = rules_.gates[number];
    candidates_[candidate_count_] = std::uint64_t{rules_.place(way.rule, subject)} << 32 | number;
    candidate_count_ += meets_needs(way) ? 1 : 0;
  }
  for (const std::uint32_t rule : rules_.unguarded) add(rule, subject);
  add_by_codes(reading, subject);
  if (candidate_count_ <= kFew) {
    sort_few(candidates_.data(), candidate_count_);
  } else {
    std::sort(candidates_.data(), candidates_.data() + candidate_count_);
  }
  return {candidates_.data(), candidate_count_};
}

std::uint32_t CandidateScan::rule_of(std::uint64_t candidate) const {
  const auto low = static_cast<std::uint32_t>(candidate);
  return (low & kWholeRule) != 0 ? low & ~kWholeRule : rules_.gates[low].rule;
}

// A match holds one of the literals, so it begins within what may stand between its begin and a literal's.
Candidate CandidateScan::candidate(std::uint64_t number) const {
  const auto low = static_cast<std::uint32_t>(number);
  if ((low & kWholeRule) != 0) return {kNoWay, {}, 0, PatternProgram::kAnywhere};
  const FoundWay& found = ways_[low];
  const Way& way = rules_.ways[low];
  Candidate candidate{
      low, {found.span_begin, found.span_end}, 0, found.last - std::min<std::size_t>(way.before.least, found.last)};
  if (found.first > way.before.most) candidate.from = found.first - way.before.most;
  if (found.piece_end > way.longest) candidate.from = std::max(candidate.from, found.piece_end - way.longest);
  return candidate;
}

}  // namespace dsnwatch::core
