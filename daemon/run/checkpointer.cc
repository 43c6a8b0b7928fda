#include "daemon/run/checkpointer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace dsnwatch::daemon {
namespace {

/// Adds what another worker read of the same source.
void add_part(exporters::SourceHealth& sum, const exporters::SourceHealth& part) {
  sum.lines_total += part.lines_total;
  sum.bytes_total += part.bytes_total;
  sum.backlog_bytes += part.backlog_bytes;
  sum.backlog_seconds = std::max(sum.backlog_seconds, part.backlog_seconds);
  sum.last_event_us = std::max(sum.last_event_us, part.last_event_us);
  sum.last_late_us = std::max(sum.last_late_us, part.last_late_us);
  for (std::size_t i = 0; i < std::min(sum.unparsed_total.size(), part.unparsed_total.size()); ++i) {
    sum.unparsed_total[i].second += part.unparsed_total[i].second;
  }
}

}  // namespace

Checkpointer::Checkpointer(CheckpointerSettings settings, CheckpointerParts parts, std::vector<Worker*> workers)
    : settings_(settings), parts_(std::move(parts)), workers_(std::move(workers)) {
  why_not_ready_.store(std::make_shared<const std::string>("the sources are being opened"));
}

Checkpointer::~Checkpointer() {
  stop();
}

void Checkpointer::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Checkpointer::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Checkpointer::request() {
  {
    const std::lock_guard lock(mutex_);
    requested_ = true;
  }
  changed_.notify_all();
}

std::string Checkpointer::why_not_ready() const {
  return *why_not_ready_.load();
}

void Checkpointer::run(const std::stop_token& stop) {
  ::pthread_setname_np(::pthread_self(), "dsn/ckpt");
  while (!stop.stop_requested()) {
    round();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(settings_.interval_ms), [this] { return requested_; });
    requested_ = false;
  }
}

bool Checkpointer::round() {
  const core::MonotonicMs began = parts_.clock.monotonic_ms();
  bool drained = true;
  std::string why_not_ready;
  collect(drained, why_not_ready);
  parts_.store.advance();
  const bool durable = commit();
  if (durable) commit_succeeded(began);
  if (durable || degraded_) publish();
  why_not_ready_.store(std::make_shared<const std::string>(std::move(why_not_ready)));
  drained_ = drained && durable;
  return durable && !worker_died_;
}

/// Takes over what the workers counted, all together.
void Checkpointer::collect(bool& drained, std::string& why_not_ready) {
  std::uint64_t evictions = 0;
  std::map<std::string, SourceReport> sources;
  const std::uint64_t unclassified_before = unclassified_.total();
  for (Worker* worker : workers_) worker->request();
  for (Worker* worker : workers_) {
    std::optional<HandOver> hand_over = worker->take();
    if (!hand_over) {
      worker_died_ = true;
      continue;
    }
    take_new_providers();  // The tally may name one of them.
    parts_.store.merge(hand_over->tally);
    worker->give_back(std::move(hand_over->tally));
    unclassified_.merge(hand_over->unclassified);
    pending_.add_positions(std::move(hand_over->positions));
    pending_.add_correlation(std::move(hand_over->correlation));
    pending_.add_released(std::move(hand_over->released));
    for (SourceReport& source : hand_over->sources) {
      const auto known = sources.find(source.key);
      if (known == sources.end()) {
        std::string key = source.key;
        sources.emplace(std::move(key), std::move(source));
      } else {
        add_part(known->second.health, source.health);
      }
    }
    evictions += hand_over->correlation_evictions;
    drained = drained && hand_over->drained;
  }
  for (const auto& [key, source] : sources) {
    parts_.health.set_source(key, source.health);
    if (!source.health.up && why_not_ready.empty()) {
      why_not_ready = source.problem.empty() ? key + " is not open yet" : source.problem;
    }
  }
  parts_.health.set_correlation_evictions(evictions);
  if (parts_.collected) parts_.collected();
  if (unclassified_.total() != unclassified_before)
    shown_unclassified_.store(std::make_shared<const UnclassifiedReplies>(unclassified_));
}

void Checkpointer::take_new_providers() {
  std::shared_ptr<const core::Providers> newest = new_providers_.load();
  if (newest == providers_) return;
  providers_ = newest;
  parts_.store.set_providers(std::move(newest));
}

/// Totals, positions and correlation in one transaction; true if they are durable, or only ever in memory.
bool Checkpointer::commit() {
  if (!parts_.store.dirty() && pending_.empty()) return true;
  Checkpoint checkpoint;
  pending_.copy_to(checkpoint);
  if (parts_.commit) {
    checkpoint.series = parts_.store.changes();
    if (const auto done = parts_.commit(checkpoint); !done) {
      commit_failed(done.error());
      return false;
    }
  }
  parts_.store.committed();
  if (parts_.durable) parts_.durable(checkpoint.positions, pending_.released());
  pending_.committed();
  return true;
}

void Checkpointer::commit_failed(const core::Error& error) {
  const core::MonotonicMs now = parts_.clock.monotonic_ms();
  if (!failing_since_) failing_since_ = now;
  parts_.health.checkpoint_failed();
  parts_.log.error("checkpoint failed; counts are kept and it is tried again", {{"error", error.message}});
  if (degraded_ || now - *failing_since_ < settings_.grace_ms) return;
  degraded_ = true;
  parts_.health.set_ledger_degraded(/*degraded=*/true);
  parts_.log.error(
      "the ledger can't be written for too long: counts are shown all the same; a crash now would make "
      "them wrong, mostly too high",
      {{"error", error.message}});
}

void Checkpointer::commit_succeeded(core::MonotonicMs began) {
  parts_.health.checkpoint_succeeded(static_cast<double>(parts_.clock.monotonic_ms() - began) / 1000);
  if (!failing_since_) return;
  failing_since_.reset();
  parts_.log.info("checkpoints succeed again");
  if (!std::exchange(degraded_, false)) return;
  parts_.health.set_ledger_degraded(/*degraded=*/false);
}

void Checkpointer::shown_to_prometheus(const std::shared_ptr<const core::Snapshot>& snapshot) {
  const std::lock_guard lock(publishing_);
  if (snapshot == snapshot_.load()) parts_.store.on_prometheus_request();
}

void Checkpointer::publish() {
  const std::lock_guard lock(publishing_);
  std::shared_ptr<const core::Snapshot> snapshot = parts_.store.snapshot();
  snapshot_.store(std::move(snapshot));
}

}  // namespace dsnwatch::daemon
