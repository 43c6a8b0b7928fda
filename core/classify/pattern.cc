#include "core/classify/pattern.h"

#include <re2/re2.h>

#include <limits>

namespace dsnwatch::core {

Pattern::Pattern(const std::string& text) : text_(text) {
  if (const auto tree = parse_pattern(text)) program_ = PatternProgram::compile(*tree);
}
Pattern::~Pattern() = default;

const RE2& Pattern::re2() const {
  std::call_once(built_, [this] {
    RE2::Options options;
    options.set_case_sensitive(false);
    options.set_log_errors(false);
    // Replies are bytes of any kind: in this encoding a dot matches every one of them.
    options.set_encoding(RE2::Options::EncodingLatin1);
    options.set_max_mem(1 << 20);
    re2_ = std::make_unique<RE2>(text_, options);
  });
  return *re2_;
}

Result<std::unique_ptr<const Pattern>> Pattern::compile(const std::string& text) {
  std::unique_ptr<Pattern> pattern(new Pattern(text));
  if (!pattern->program_ && !pattern->re2().ok()) return fail(pattern->re2().error());
  return std::unique_ptr<const Pattern>(std::move(pattern));
}

bool Pattern::search(std::string_view text, std::size_t from, std::size_t last, PatternScratch& scratch, Span& match,
                     Span* captured) const {
  if (program_ && text.size() <= PatternProgram::kMaxText)
    return program_->search(text, from, last, scratch, match, captured);
  re2::StringPiece found[2];
  const re2::StringPiece piece(text.data(), text.size());
  const int wanted = captured != nullptr && groups() > 0 ? 2 : 1;
  if (from > text.size() || !re2().Match(piece, from, text.size(), RE2::UNANCHORED, found, wanted)) return false;
  const auto span = [&](const re2::StringPiece& part) {
    if (part.data() == nullptr) return Span{};
    const auto begin = static_cast<std::size_t>(part.data() - text.data());
    return Span{begin, begin + part.size()};
  };
  match = span(found[0]);
  if (match.begin > last) return false;
  if (captured != nullptr) *captured = wanted == 2 ? span(found[1]) : Span{};
  return true;
}

bool Pattern::matches_everything() const {
  PatternScratch scratch;
  Span match;
  return search("", scratch, match, nullptr);
}

int Pattern::groups() const {
  return program_ ? program_->groups() : re2().NumberOfCapturingGroups();
}

std::size_t Pattern::longest() const {
  const bool bounded = program_ && program_->longest() <= PatternProgram::kMaxText;
  return bounded ? program_->longest() : std::numeric_limits<std::size_t>::max();
}

}  // namespace dsnwatch::core
