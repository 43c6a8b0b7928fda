#include "daemon/version.h"

namespace dsnwatch::daemon {

std::string_view version() {
  return DSNWATCH_VERSION;
}

}  // namespace dsnwatch::daemon
