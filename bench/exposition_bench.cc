// 100,000 series as text: our renderer from a snapshot's label blocks, beside prometheus-cpp collecting and serialising
// the same series, and what gzip costs on top.

#include <benchmark/benchmark.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdint>
#include <memory>
#include <string>

#include "core/series/families.h"
#include "core/series/snapshot.h"
#include "exporters/http/gzip.h"
#include "exporters/prometheus/render.h"

namespace {

namespace core = dsnwatch::core;
namespace exporters = dsnwatch::exporters;

constexpr int kSeries = 100'000;
constexpr core::Family kFamily = core::Family::kDomainRejections;

std::string domain(int i) {
  return "customer-" + std::to_string(i * 7919 % kSeries) + ".example";
}
std::uint64_t value(int i) {
  return static_cast<std::uint64_t>(i) * 2'654'435'761u % 1'000'000;
}

core::Snapshot make_snapshot() {
  core::Snapshot snapshot;
  snapshot.families.resize(core::kFamilyCount);
  core::Snapshot::Layout layout;
  for (int i = 0; i < kSeries; ++i) {
    layout.labels.push_back(std::make_shared<const std::string>(
        "provider=\"other\",domain=\"" + domain(i) + "\",result=\"bounced\",enhanced_code=\"5.7.1\",cause=\"policy\""));
    layout.slots.push_back(static_cast<std::uint32_t>(i));
    snapshot.values.push_back(value(i));
    snapshot.held.push_back(i % 100 == 0);
  }
  snapshot.families[static_cast<std::size_t>(kFamily)] =
      std::make_shared<const core::Snapshot::Layout>(std::move(layout));
  return snapshot;
}

std::string render(const core::Snapshot& snapshot) {
  std::string text;
  exporters::render_mail_families(snapshot, exporters::Audience::kPrometheus, text);
  return text;
}

void own_renderer(benchmark::State& state) {
  const core::Snapshot snapshot = make_snapshot();
  for (auto _ : state) benchmark::DoNotOptimize(render(snapshot));
  state.counters["MB"] = static_cast<double>(render(snapshot).size()) / 1e6;
}
BENCHMARK(own_renderer)->Unit(benchmark::kMillisecond);

void own_renderer_and_gzip(benchmark::State& state) {
  const core::Snapshot snapshot = make_snapshot();
  for (auto _ : state) benchmark::DoNotOptimize(exporters::gzip(render(snapshot)));
  state.counters["MB"] = static_cast<double>(exporters::gzip(render(snapshot)).value_or("").size()) / 1e6;
}
BENCHMARK(own_renderer_and_gzip)->Unit(benchmark::kMillisecond);

void prometheus_cpp(benchmark::State& state) {
  prometheus::Registry registry;
  const core::FamilyInfo& about = core::info(kFamily);
  auto& family =
      prometheus::BuildCounter().Name(std::string(about.name)).Help(std::string(about.help)).Register(registry);
  for (int i = 0; i < kSeries; ++i) {
    family
        .Add({{"provider", "other"},
              {"domain", domain(i)},
              {"result", "bounced"},
              {"enhanced_code", "5.7.1"},
              {"cause", "policy"}})
        .Increment(static_cast<double>(value(i)));
  }
  const prometheus::TextSerializer serializer;
  for (auto _ : state) benchmark::DoNotOptimize(serializer.Serialize(registry.Collect()));
}
BENCHMARK(prometheus_cpp)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
