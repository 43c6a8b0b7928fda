#include "daemon/run/worker.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "daemon/run/kafka_feed.h"

namespace dsnwatch::daemon {
namespace {

// Between two blocks of this size a checkpoint can be taken.
constexpr std::size_t kBudget = 1u << 20;

// inotify may never say anything, so the files are looked at by themselves as well.
constexpr int kPollIntervalMs = 1000;

// A busy writer would wake the reader for every line; so near each other, lines are read together.
constexpr int kGatherMs = 50;

}  // namespace

Worker::Worker(WorkerSettings settings, ClaimedPaths& claimed, const core::Clock& clock, Log& log)
    : settings_(std::move(settings)),
      claimed_(claimed),
      clock_(clock),
      log_(log),
      classifier_(settings_.knowledge.rules, settings_.knowledge.providers),
      tally_(settings_.tally),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      spare_(core::Tally(settings_.tally)) {}

Worker::~Worker() {
  stop();
}

void Worker::add_source(const SourceConfig& config, const std::string& group) {
  auto found = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) { return g.name == group; });
  if (found == groups_.end()) {
    const ingest::CorrelatorSettings settings{settings_.correlation_memory, /*keep_message_ids=*/false};
    groups_.push_back({group, std::make_unique<ingest::Correlator>(settings)});
    found = std::prev(groups_.end());
  }
  feeds_.push_back(std::make_unique<SourceSet>(
      config, *found->correlator,
      WorkerParts{classifier_, tally_, unclassified_, settings_.knowledge, claimed_, clock_, log_}));
}

void Worker::add_kafka(KafkaSource& source) {
  const WorkerParts parts{classifier_, tally_, unclassified_, settings_.knowledge, claimed_, clock_, log_};
  feeds_.push_back(std::make_unique<KafkaFeed>(source, static_cast<std::size_t>(settings_.number),
                                               settings_.correlation_memory, parts));
}

bool Worker::restore_correlation(std::string_view group, std::string_view key, std::string_view value) {
  const auto found = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) { return g.name == group; });
  if (found == groups_.end()) return false;
  found->correlator->restore(key, value, *settings_.knowledge.providers);
  return true;
}

core::Result<void> Worker::open(const StoredPositions& stored) {
  for (const auto& feed : feeds_) {
    if (auto opened = feed->open(stored); !opened) return opened;
  }
  for (const auto& [key, value] : stored) handed_over_.emplace(key, value);
  return {};
}

void Worker::start(std::function<void()> on_full) {
  on_full_ = std::move(on_full);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  wake();
  thread_.join();
}

void Worker::wake() {
  {
    const std::lock_guard lock(mutex_);  // So that a waiter can't miss it.
  }
  changed_.notify_all();
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void Worker::drain() {
  {
    const std::lock_guard lock(mutex_);
    drain_requested_ = true;
  }
  wake();
}

void Worker::set_knowledge(Knowledge knowledge) {
  {
    const std::lock_guard lock(mutex_);
    new_knowledge_ = std::move(knowledge);
  }
  wake();
}

void Worker::request() {
  {
    const std::lock_guard lock(mutex_);
    requested_ = true;
  }
  wake();
}

std::optional<HandOver> Worker::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ready_ || dead_; });
  return std::exchange(ready_, std::nullopt);
}

void Worker::give_back(core::Tally tally) {
  tally.clear();
  const std::lock_guard lock(mutex_);
  spare_ = std::move(tally);
}

void Worker::run(const std::stop_token& stop) {
  ::pthread_setname_np(::pthread_self(), ("dsn/w" + std::to_string(settings_.number)).c_str());
  try {
    read_until_stopped(stop);
  } catch (const std::exception& error) {
    log_.error("worker died", {{"worker", std::to_string(settings_.number)}, {"error", error.what()}});
  }
  const std::lock_guard lock(mutex_);
  dead_ = true;
  changed_.notify_all();
}

void Worker::read_until_stopped(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    answer_request();
    if (tally_.full()) {
      on_full_();
      wait_for_request(stop);
    } else if (!read_once()) {
      wait_for_input();
    }
  }
}

bool Worker::read_once() {
  bool any = false;
  for (const auto& feed : feeds_) any = feed->read(kBudget) || any;
  return any;
}

/// Does what other threads asked for: only here, between two blocks.
void Worker::answer_request() {
  std::unique_lock lock(mutex_);
  if (new_knowledge_) {
    settings_.knowledge = *std::exchange(new_knowledge_, std::nullopt);
    classifier_.set_rules(settings_.knowledge.rules, settings_.knowledge.providers);
  }
  if (drain_requested_ && !draining_) {
    draining_ = true;
    for (const auto& feed : feeds_) feed->start_draining();
  }
  if (!requested_) return;
  requested_ = false;
  core::Tally next = spare_ ? std::move(*spare_) : core::Tally(settings_.tally);
  spare_.reset();
  lock.unlock();
  HandOver hand_over = make_hand_over(std::move(next));
  lock.lock();
  ready_ = std::move(hand_over);
  changed_.notify_all();
}

HandOver Worker::make_hand_over(core::Tally next) {
  HandOver result{std::exchange(tally_, std::move(next)),
                  {},
                  {},
                  {},
                  std::exchange(unclassified_, UnclassifiedReplies{}),
                  {},
                  0,
                  draining_};
  for (const Group& group : groups_) {
    for (ingest::Correlator::Change& change : group.correlator->take_changes(*settings_.knowledge.providers)) {
      result.correlation.push_back(
          {correlation_record_key(group.name, change.key), std::move(change.value), change.erase});
    }
    result.correlation_evictions += group.correlator->evicted_total();
  }
  for (const auto& feed : feeds_) {
    feed->hand_over(result,
                    [&](const std::string& key, std::string value) { add_record(key, std::move(value), result); });
    result.drained = result.drained && feed->drained();
  }
  return result;
}

void Worker::add_record(const std::string& key, std::string value, HandOver& into) {
  std::string& last = handed_over_[key];
  if (last == value) return;
  last = value;
  into.positions.push_back({key, std::move(value), false});
}

void Worker::wait_for_request(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return requested_ || stop.stop_requested(); });
}

void Worker::wait_for_input() {
  std::vector<int> fds = {wake_.get()};
  for (const auto& feed : feeds_) feed->add_wake_fds(fds);
  std::vector<pollfd> waits;
  for (const int fd : fds) waits.push_back({fd, POLLIN, 0});
  ::poll(waits.data(), waits.size(), kPollIntervalMs);
  if ((waits.front().revents & POLLIN) == 0 && !draining_) ::poll(waits.data(), 1, kGatherMs);
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &count, sizeof count);
}

}  // namespace dsnwatch::daemon
