#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/classify/classifier.h"
#include "core/series/tally.h"
#include "daemon/log.h"
#include "daemon/rule_loading.h"
#include "daemon/run/feed.h"
#include "daemon/run/hand_over.h"
#include "daemon/run/source_set.h"
#include "ingest/source/followed_file.h"

namespace dsnwatch::daemon {

class KafkaSource;

struct WorkerSettings {
  int number = 0;                      ///< Its thread is called dsn/w<number>.
  std::size_t correlation_memory = 0;  ///< Of each correlation group.
  std::shared_ptr<const core::TallySettings> tally;
  Knowledge knowledge;
};

/// Reads whole sources and counts what they say, alone: nothing is shared but the hand-over, which the checkpoint
/// thread asks for and which happens between two blocks. A full tally makes it wait for that.
class Worker {
 public:
  Worker(WorkerSettings settings, ClaimedPaths& claimed, const core::Clock& clock, Log& log);
  ~Worker();  ///< As stop().

  /// Before start(), in this order: sources, what the ledger held of their groups, then open().
  void add_source(const SourceConfig& config, const std::string& group);
  void add_kafka(KafkaSource& source);
  bool restore_correlation(std::string_view group, std::string_view key, std::string_view value);
  core::Result<void> open(const StoredPositions& stored);

  /// `on_full` is called from the worker when it can't go on without a hand-over.
  void start(std::function<void()> on_full);
  void stop();

  /// Reads to where the sources end now, says so in its hand-overs, and idles.
  void drain();

  /// From the next block on. Thread: any.
  void set_knowledge(Knowledge knowledge);

  /// Asks for a hand-over. Thread: dsn/ckpt, as the next two.
  void request();
  /// Waits for it; nothing if the worker died.
  std::optional<HandOver> take();
  /// Gives the memory of a merged tally back for the next hand-over.
  void give_back(core::Tally tally);

 private:
  struct Group {
    std::string name;
    std::unique_ptr<ingest::Correlator> correlator;
  };

  void run(const std::stop_token& stop);
  void read_until_stopped(const std::stop_token& stop);
  bool read_once();
  void answer_request();
  void wait_for_request(const std::stop_token& stop);
  void wait_for_input();
  void wake();
  HandOver make_hand_over(core::Tally next);
  void add_record(const std::string& key, std::string value, HandOver& into);

  WorkerSettings settings_;
  ClaimedPaths& claimed_;
  const core::Clock& clock_;
  Log& log_;
  core::Classifier classifier_;
  core::Tally tally_;
  UnclassifiedReplies unclassified_;
  std::vector<Group> groups_;
  std::vector<std::unique_ptr<Feed>> feeds_;
  std::map<std::string, std::string> handed_over_;  // Record → value, so that what did not move is not written again.
  bool draining_ = false;
  std::function<void()> on_full_;
  ingest::FileDescriptor wake_;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable changed_;
  bool requested_ = false, dead_ = false, drain_requested_ = false;
  std::optional<HandOver> ready_;
  std::optional<core::Tally> spare_;
  std::optional<Knowledge> new_knowledge_;

  std::jthread thread_;
};

}  // namespace dsnwatch::daemon
