#include "core/classify/pattern.h"

#include <re2/re2.h>

#include <limits>

namespace dsnwatch::core {

Pattern::Pattern() = default;
Pattern::~Pattern() = default;

Result<std::unique_ptr<const Pattern>> Pattern::compile(const std::string& text) {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  // Replies are bytes of any kind: in this encoding a dot matches every one of them.
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_max_mem(1 << 20);
  std::unique_ptr<Pattern> pattern(new Pattern);
  pattern->re2_ = std::make_unique<RE2>(text, options);
  if (!pattern->re2_->ok()) return fail(pattern->re2_->error());
  pattern->program_ = PatternProgram::compile(text);
  return std::unique_ptr<const Pattern>(std::move(pattern));
}

bool Pattern::search(std::string_view text, std::size_t from, PatternScratch& scratch, Span& match,
                     Span* captured) const {
  if (program_ && text.size() <= PatternProgram::kMaxText)
    return program_->search(text, from, scratch, match, captured);
  re2::StringPiece found[2];
  const re2::StringPiece piece(text.data(), text.size());
  const int wanted = captured != nullptr && groups() > 0 ? 2 : 1;
  if (from > text.size() || !re2_->Match(piece, from, text.size(), RE2::UNANCHORED, found, wanted)) return false;
  const auto span = [&](const re2::StringPiece& part) {
    if (part.data() == nullptr) return Span{};
    const auto begin = static_cast<std::size_t>(part.data() - text.data());
    return Span{begin, begin + part.size()};
  };
  match = span(found[0]);
  if (captured != nullptr) *captured = wanted == 2 ? span(found[1]) : Span{};
  return true;
}

bool Pattern::matches_everything() const {
  return RE2::PartialMatch("", *re2_);
}

int Pattern::groups() const {
  return re2_->NumberOfCapturingGroups();
}

std::size_t Pattern::longest() const {
  const bool bounded = program_ && program_->longest() <= PatternProgram::kMaxText;
  return bounded ? program_->longest() : std::numeric_limits<std::size_t>::max();
}

}  // namespace dsnwatch::core
