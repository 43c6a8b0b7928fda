#include "ingest/record.h"

namespace dsnwatch::ingest {

std::string_view name(Unparsed reason) {
  switch (reason) {
    case Unparsed::kMalformed:
      return "malformed";
    case Unparsed::kTooLong:
      return "too_long";
    case Unparsed::kEnvelope:
      return "envelope";
  }
  return "malformed";
}

}  // namespace dsnwatch::ingest
