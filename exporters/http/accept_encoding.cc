#include "exporters/http/accept_encoding.h"

namespace dsnwatch::exporters {

bool accepts_gzip(std::string_view accept_encoding) {
  return accept_encoding.find("gzip") != std::string_view::npos;
}

}  // namespace dsnwatch::exporters
