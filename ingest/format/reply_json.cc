#include "ingest/format/reply_json.h"

#include <simdjson.h>

namespace dsnwatch::ingest {
namespace {

std::string text_of(const simdjson::dom::object& object, std::string_view key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

core::Side side_of(std::string_view name) {
  if (name == "remote") return core::Side::kRemote;
  return name == "local" ? core::Side::kLocal : core::Side::kAny;
}

}  // namespace

struct ReplyJsonReader::State {
  simdjson::dom::parser parser;
};

ReplyJsonReader::ReplyJsonReader() : state_(std::make_unique<State>()) {}
ReplyJsonReader::~ReplyJsonReader() = default;

std::optional<core::RuleExample> ReplyJsonReader::read(std::string_view line) {
  if (line.empty() || line.front() != '{') return std::nullopt;
  simdjson::dom::object object;
  std::string_view text;
  if (state_->parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
  if (object["text"].get(text) != simdjson::SUCCESS) return std::nullopt;
  core::RuleExample reply;
  reply.text = text;
  reply.stage = text_of(object, "stage");
  reply.side = side_of(text_of(object, "side"));
  reply.provider = text_of(object, "provider");
  reply.remote_host = text_of(object, "rhost");
  reply.recipient_domain = text_of(object, "domain");
  return reply;
}

}  // namespace dsnwatch::ingest
