// A header of any client.

#include <cstdint>
#include <string_view>

#include "exporters/http/accept_encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dsnwatch::exporters::prefers_gzip({reinterpret_cast<const char*>(data), size});
  return 0;
}
