#include "ingest/format/format.h"

#include "ingest/format/postfix.h"

namespace dsnwatch::ingest {

bool is_format(std::string_view name) {
  return name == "auto" || name == "postfix";
}

core::Result<std::unique_ptr<Format>> make_format(std::string_view name, FormatSettings settings) {
  auto zone = TimeZone::load(settings.time.timezone);
  if (!zone) return tl::unexpected(std::move(zone).error());
  // One format is known, so that there is nothing to detect yet.
  if (is_format(name)) return std::make_unique<PostfixFormat>(std::move(settings), *std::move(zone));
  return core::fail("the log format \"" + std::string(name) + "\" is not known; use auto or postfix");
}

}  // namespace dsnwatch::ingest
