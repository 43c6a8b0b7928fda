#include "core/attempt.h"

namespace dsnwatch::core {

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::kOutbound:
      return "outbound";
    case Kind::kInbound:
      return "inbound";
    case Kind::kDsn:
      return "dsn";
    case Kind::kComplaint:
      return "complaint";
  }
  return "outbound";
}

std::string_view name(AttemptResult result) {
  switch (result) {
    case AttemptResult::kDelivered:
      return "delivered";
    case AttemptResult::kDeferred:
      return "deferred";
    case AttemptResult::kBounced:
      return "bounced";
    case AttemptResult::kExpired:
      return "expired";
    case AttemptResult::kRejected:
      return "rejected";
  }
  return "delivered";
}

std::string_view name(Mta mta) {
  switch (mta) {
    case Mta::kPostfix:
      return "postfix";
  }
  return "postfix";
}

std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::kUnknown:
      return "";
    case Stage::kConnect:
      return "connect";
    case Stage::kHelo:
      return "helo";
    case Stage::kMail:
      return "mail";
    case Stage::kRcpt:
      return "rcpt";
    case Stage::kData:
      return "data";
    case Stage::kEod:
      return "eod";
  }
  return "";
}

std::optional<Stage> parse_stage(std::string_view text) {
  if (text == "banner") return Stage::kConnect;
  if (text == "end_of_data") return Stage::kEod;
  for (const Stage stage : {Stage::kConnect, Stage::kHelo, Stage::kMail, Stage::kRcpt, Stage::kData, Stage::kEod}) {
    if (name(stage) == text) return stage;
  }
  return std::nullopt;
}

}  // namespace dsnwatch::core
