#include "exporters/prometheus/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "exporters/prometheus/health_catalogue.h"

namespace dsnwatch::exporters {
namespace {

/// Fields of /proc/self/stat, see proc(5).
struct Stat {
  double cpu_seconds = 0;
  double start_seconds_after_boot = 0;
  double virtual_bytes = 0;
  double resident_bytes = 0;
};

std::optional<Stat> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');  // the process' name, field 2, may hold blanks and parentheses
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(line.substr(name_end + 1));
  constexpr int kFirst = 3, kUserTicks = 14, kSystemTicks = 15, kStartTicks = 22, kVirtualBytes = 23,
                kResidentPages = 24;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  Stat stat;
  std::string field;
  for (int number = kFirst; number <= kResidentPages; ++number) {
    if (!(rest >> field)) return std::nullopt;
    if (number < kUserTicks) continue;
    const double value = std::strtod(field.c_str(), nullptr);
    if (number == kUserTicks || number == kSystemTicks) stat.cpu_seconds += value / ticks;
    if (number == kStartTicks) stat.start_seconds_after_boot = value / ticks;
    if (number == kVirtualBytes) stat.virtual_bytes = value;
    if (number == kResidentPages) stat.resident_bytes = value * static_cast<double>(sysconf(_SC_PAGESIZE));
  }
  return stat;
}

std::optional<double> read_boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::strtod(line.c_str() + 6, nullptr);
  }
  return std::nullopt;
}

std::optional<double> count_open_fds() {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::nullopt;
  double count = 0;
  for (const std::filesystem::directory_iterator end; entries != end; entries.increment(error)) ++count;
  if (error) return std::nullopt;
  return count - 1;  // without the one that this reading has opened
}

void add(std::vector<prometheus::MetricFamily>& families, Health metric, std::optional<double> value) {
  if (!value) return;
  const HealthInfo& about = info(metric);
  prometheus::MetricFamily& family = families.emplace_back();
  family.name = about.name;
  family.help = about.help;
  prometheus::ClientMetric& sample = family.metric.emplace_back();
  if (about.type == "counter") {
    family.type = prometheus::MetricType::Counter;
    sample.counter.value = *value;
  } else {
    family.type = prometheus::MetricType::Gauge;
    sample.gauge.value = *value;
  }
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  std::vector<prometheus::MetricFamily> families;
  if (const std::optional<Stat> stat = read_stat()) {
    add(families, Health::kProcessCpu, stat->cpu_seconds);
    add(families, Health::kProcessResident, stat->resident_bytes);
    add(families, Health::kProcessVirtual, stat->virtual_bytes);
    const std::optional<double> boot = read_boot_time();
    if (boot) add(families, Health::kProcessStartTime, *boot + stat->start_seconds_after_boot);
  }
  add(families, Health::kProcessOpenFds, count_open_fds());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    add(families, Health::kProcessMaxFds, static_cast<double>(limit.rlim_cur));
  }
  return families;
}

}  // namespace dsnwatch::exporters
