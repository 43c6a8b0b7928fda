#include "daemon/classify/reply_line.h"

#include <simdjson.h>

#include <optional>

#include "exporters/events/json_text.h"

namespace dsnwatch::daemon {
namespace {

std::optional<core::Side> parse_side(std::string_view text) {
  if (text == "remote") return core::Side::kRemote;
  if (text == "local") return core::Side::kLocal;
  return std::nullopt;
}

// Text that simdjson takes: bytes that are no UTF-8 as U+FFFD. Quotes and backslashes are the line's own.
std::string valid_utf8(std::string_view line) {
  std::string out;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t end = std::min(line.find_first_of("\"\\", at), line.size());
    std::string quoted;
    exporters::append_json_string(line.substr(at, end - at), quoted);
    out.append(quoted, 1, quoted.size() - 2);
    if (end < line.size()) out += line[end];
    at = end + 1;
  }
  return out;
}

}  // namespace

struct ReplyLineReader::Parser {
  simdjson::dom::parser json;
};

ReplyLineReader::ReplyLineReader() : parser_(std::make_unique<Parser>()) {}
ReplyLineReader::~ReplyLineReader() = default;

ReplyLine ReplyLineReader::read(std::string_view line) {
  ReplyLine reply;
  if (line.ends_with('\r')) line.remove_suffix(1);
  simdjson::dom::object object;
  const std::size_t first = line.find_first_not_of(" \t");
  const bool braced = first != std::string_view::npos && line[first] == '{';
  if (!braced || parser_->json.parse(valid_utf8(line)).get(object) != simdjson::SUCCESS) {
    reply.text = line;
    return reply;
  }
  const auto read_text = [&](std::string_view key, auto use) {
    std::string_view value;
    if (object[key].get(value) == simdjson::SUCCESS) use(value);
  };
  read_text("text", [&](std::string_view value) { reply.text = value; });
  read_text("rhost", [&](std::string_view value) { reply.remote_host = value; });
  read_text("domain", [&](std::string_view value) { reply.recipient_domain = value; });
  read_text("stage",
            [&](std::string_view value) { reply.stage = core::parse_stage(value).value_or(core::Stage::kUnknown); });
  read_text("side", [&](std::string_view value) { reply.side = parse_side(value).value_or(core::Side::kAny); });
  return reply;
}

ReplyLine reply_line(const core::RuleExample& example) {
  return {.text = example.text,
          .remote_host = example.remote_host,
          .recipient_domain = example.recipient_domain,
          .provider = example.provider,
          .stage = core::parse_stage(example.stage).value_or(core::Stage::kUnknown),
          .side = example.side};
}

core::ReplyContext context_of(const ReplyLine& line, const core::Providers& providers) {
  core::ReplyContext context;
  context.text = line.text;
  context.stage = line.stage;
  context.side = line.side;
  context.provider = line.provider.empty() ? core::kNoProvider : providers.find(line.provider);
  if (context.provider == core::kNoProvider) context.provider = providers.by_mx(line.remote_host);
  if (context.provider == core::kOtherProvider) {
    context.provider = providers.by_recipient_domain(line.recipient_domain);
  }
  return context;
}

}  // namespace dsnwatch::daemon
