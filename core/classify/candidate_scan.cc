#include "core/classify/candidate_scan.h"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace dsnwatch::core {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

bool stands_alone(const LiteralTarget& target, std::string_view text, Span span) {
  if (target.word_begin && span.begin > 0 && is_letter_or_digit(text[span.begin - 1])) return false;
  return !target.word_end || span.end >= text.size() || !is_letter_or_digit(text[span.end]);
}

template <class Word>
bool same_word(const char* a, const char* b) {
  Word one, two;
  std::memcpy(&one, a, sizeof one);
  std::memcpy(&two, b, sizeof two);
  return one == two;
}

// As memcmp, without a call: the texts are short.
bool same_bytes(const char* a, const char* b, std::size_t length) {
  if (length >= 8) {
    std::size_t at = 0;
    for (; at + 8 < length; at += 8) {
      if (!same_word<std::uint64_t>(a + at, b + at)) return false;
    }
    return same_word<std::uint64_t>(a + length - 8, b + length - 8);
  }
  if (length >= 4) return same_word<std::uint32_t>(a, b) && same_word<std::uint32_t>(a + length - 4, b + length - 4);
  for (std::size_t at = 0; at < length; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

}  // namespace

CandidateScan::CandidateScan(const RuleSet::Impl& rules)
    : rules_(rules),
      rule_texts_(rules.rules.size()),
      way_texts_(rules.ways.size()),
      way_places_(rules.ways.size()),
      present_(rules.target_begins.size() / 64 + 1) {
  candidates_.reserve(64);
  ways_.reserve(128);
}

void CandidateScan::add(std::uint32_t rule) {
  if (rule_texts_[rule] == text_) return;
  rule_texts_[rule] = text_;
  candidates_.push_back({0, rule, kNoWay, {}, 0, PatternProgram::kAnywhere});
}

// The text of a target stands in `span`, where the filter found its piece up to `piece_end`.
void CandidateScan::point_at(const LiteralTarget& target, Span span, std::size_t piece_end, Reading& reading) {
  if (!stands_alone(target, reading.reply.folded, span)) return;
  switch (target.kind) {
    case LiteralTarget::kRule:
      if (way_texts_[target.index] == text_) {
        FoundWay& way = ways_[way_places_[target.index]];
        way.first = std::min(way.first, span.begin);
        way.last = std::max(way.last, span.begin);
        return;
      }
      way_texts_[target.index] = text_;
      way_places_[target.index] = static_cast<std::uint32_t>(ways_.size());
      ways_.push_back({target.index, span, piece_end, span.begin, span.begin});
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
    std::fill(way_texts_.begin(), way_texts_.end(), 0);
    text_ = 1;
  }
  candidates_.clear();
  ways_.clear();
  mark_length_ = list_length_ = 0;
  std::fill(present_.begin(), present_.end(), 0);
  const std::uint32_t* const begins = rules_.target_begins.data();
  const LiteralTarget* const targets = rules_.targets.data();
  const char* const texts = rules_.texts.data();
  const std::string_view text = reading.reply.folded;
  rules_.filter.scan(text, [&](std::uint32_t literal, std::size_t end) __attribute__((always_inline)) {
    present_[literal / 64] |= std::uint64_t{1} << literal % 64;
    for (std::uint32_t i = begins[literal]; i < begins[literal + 1]; ++i) {
      const LiteralTarget& target = targets[i];
      const std::size_t begin = end - target.lead;  // past every end if the text would begin in front of the reply
      if (begin > text.size() || text.size() - begin < target.length) continue;
      if (!same_bytes(text.data() + begin, texts + target.text, target.length)) continue;
      point_at(target, {begin, begin + target.length}, end, reading);
    }
  });
  for (const FoundWay& way : ways_) {
    if (holds_what_is_needed(way.way)) candidates_.push_back(candidate_of(way));
  }
  for (const std::uint32_t rule : rules_.unguarded) add(rule);
}

// A match holds one of the literals, so it begins within what may stand between its begin and a literal's.
Candidate CandidateScan::candidate_of(const FoundWay& found) const {
  const Way& way = rules_.ways[found.way];
  Candidate candidate{0, way.rule, found.way, found.span, 0, found.last - std::min(way.before.least, found.last)};
  if (found.first > way.before.most) candidate.from = found.first - way.before.most;
  if (found.piece_end > way.longest) candidate.from = std::max(candidate.from, found.piece_end - way.longest);
  return candidate;
}

bool CandidateScan::holds_what_is_needed(std::uint32_t way) const {
  for (const std::uint32_t list : rules_.needs[way]) {
    const std::span<const std::uint32_t> literals = rules_.needed[list];
    const bool any = std::any_of(literals.begin(), literals.end(), [&](std::uint32_t literal) {
      return (present_[literal / 64] >> literal % 64 & 1U) != 0;
    });
    if (!any) return false;
  }
  return true;
}

void CandidateScan::add_by_codes(const Reading& reading) {
  const auto add_all = [&](const std::vector<std::uint32_t>& list) {
    for (const std::uint32_t rule : list) add(rule);
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

std::span<const Candidate> CandidateScan::candidates(const Reading& reading) {
  add_by_codes(reading);
  const int subject = reading.status.present() ? reading.status.subject : 0;
  for (Candidate& candidate : candidates_) candidate.place = rules_.place(candidate.rule, subject);
  std::sort(candidates_.begin(), candidates_.end(),
            [](const Candidate& a, const Candidate& b) { return std::tie(a.place, a.way) < std::tie(b.place, b.way); });
  return candidates_;
}

}  // namespace dsnwatch::core
