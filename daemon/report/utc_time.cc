#include "daemon/report/utc_time.h"

#include <ctime>

#include "core/attempt.h"

namespace dsnwatch::daemon {
namespace {

std::string formatted(std::int64_t time_us, const char* format) {
  if (time_us == core::kNoTime) return {};
  std::int64_t seconds = time_us / 1'000'000;
  if (time_us % 1'000'000 < 0) --seconds;  // Towards the past also before 1970.
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts = {};
  char text[32];
  if (gmtime_r(&time, &parts) == nullptr) return {};
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

}  // namespace

std::string rfc3339_utc(std::int64_t time_us) {
  return formatted(time_us, "%Y-%m-%dT%H:%M:%SZ");
}

std::string minute_utc(std::int64_t time_us) {
  return formatted(time_us, "%Y-%m-%d %H:%M");
}

}  // namespace dsnwatch::daemon
