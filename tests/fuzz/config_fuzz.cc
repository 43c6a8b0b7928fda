// Any bytes as a configuration: read, or an error that says where.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemon/config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto config = dsnwatch::daemon::read_config(text, "fuzz.yaml");
  if (!config && config.error().message.find("fuzz.yaml") == std::string::npos) std::abort();
  return 0;
}
