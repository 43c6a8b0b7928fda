#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/provider.h"
#include "core/taxonomy.h"
#include "ingest/correlate/cell_pool.h"

namespace dsnwatch::ingest {

/// The memory of the correlator: what is known of each queue id, and the recipients that wait under it, found by one
/// hash table over cells of one pool. At the limit the queue id whose last change is oldest goes. Not thread-safe.
///
/// The list of queue ids by last change doubles as the list of changes since the last checkpoint: whatever changed is
/// newer than all that did not.
class QueueTable {
 public:
  using Index = CellPool::Index;
  static constexpr Index kNone = CellPool::kNone;

  enum Flag : std::uint8_t {
    kHasSender = 1,
    kChanged = 2,  ///< Since the last checkpoint.
    kStored = 4,   ///< The ledger knows it.
  };

  /// Head of everything in the hash table.
  struct Node {
    std::uint64_t hash;
    Index chain;  ///< Next in the bucket.
    Index owner;  ///< Of a waiting recipient: its queue id; of a queue id: kNone.
  };
  /// A text of an entry: kNone, a place in its `bytes`, or the first of a chain of cells.
  using Text = std::uint32_t;
  struct Entry {
    Node node;
    Index older, newer;
    Text sender, client_ip, account, message_id;
    Index first_waiting, last_waiting;
    Index key_rest;
    std::uint8_t flags;
    std::uint8_t key_size;  ///< Of the part in `bytes`.
    std::uint8_t used;      ///< Of `bytes`.
    std::uint8_t unused;
    char bytes[72];  ///< The key, then texts while there is room: most mails need one cell.
  };
  struct Waiting {
    Node node;
    Index previous, next;
    Index rest;  ///< Of an address that does not fit.
    core::ProviderId provider;
    core::Cause cause;
    std::uint8_t size;
    char address[91];
  };

  explicit QueueTable(std::size_t memory);

  Entry& entry(Index index) { return *reinterpret_cast<Entry*>(pool_.at(index)); }
  Waiting& waiting(Index index) { return *reinterpret_cast<Waiting*>(pool_.at(index)); }

  Index find(std::string_view host, std::string_view queue_id) const;
  /// Whether a live entry is that of the queue id.
  bool is(Index index, std::string_view host, std::string_view queue_id) const;
  /// kNone only where the memory is too small for a single one. The entry counts as changed.
  Index find_or_add(std::string_view host, std::string_view queue_id);
  /// Makes an entry from the ledger; the oldest of all. kNone if it is there already or there is no room.
  Index add_stored(std::string_view key);
  void remove(Index index);

  /// Marks the entry changed: the newest of all.
  void touch(Index index);
  /// Forgets what is known, but not the entry.
  void clear(Index index);

  /// Replaces a text of the entry (a member of Entry); an absurdly long one is dropped.
  void set_text(Index index, Text Entry::* member, std::string_view text);
  /// One of the entry's texts; `scratch` holds it where it is not in one piece.
  std::string_view text(const Entry& entry, Text text, std::string& scratch) const;

  Index find_waiting(Index owner, std::string_view address) const;
  Index add_waiting(Index owner, std::string_view address);
  void remove_waiting(Index index);
  std::string_view address(const Waiting& waiting, std::string& scratch) const;

  std::string key(Index index) const;
  Index newest() const { return newest_; }
  std::vector<std::string> take_erased() { return std::exchange(erased_, {}); }

  std::uint64_t evicted_total() const { return evicted_total_; }
  std::size_t memory_used() const { return pool_.memory_used() + buckets_.size() * sizeof(Index); }

 private:
  const Entry& entry(Index index) const { return *reinterpret_cast<const Entry*>(pool_.at(index)); }
  const Waiting& waiting(Index index) const { return *reinterpret_cast<const Waiting*>(pool_.at(index)); }
  Node& node(Index index) { return *reinterpret_cast<Node*>(pool_.at(index)); }
  const Node& node(Index index) const { return *reinterpret_cast<const Node*>(pool_.at(index)); }
  TextCell& cell(Index index) { return *reinterpret_cast<TextCell*>(pool_.at(index)); }
  const TextCell& cell(Index index) const { return *reinterpret_cast<const TextCell*>(pool_.at(index)); }

  std::uint64_t key_hash(std::string_view host, std::string_view queue_id) const;
  Index find(std::uint64_t hash, std::string_view host, std::string_view queue_id) const;
  Index add(std::uint64_t hash, std::string_view host, std::string_view queue_id);
  bool key_is(const Entry& entry, std::string_view host, std::string_view queue_id) const;
  bool long_key_is(const Entry& entry, std::string_view host, std::string_view queue_id) const;
  bool chain_is(Index head, std::string_view text) const;
  std::string_view chained_text(Index head, std::string& scratch) const;

  Index allocate(Index keep);
  Index store_chain(std::string_view text, Index keep);
  void release_chain(Index head);
  void release_text(Text text);
  void evict_oldest();

  void link_bucket(Index index);
  void unlink_bucket(Index index);
  void grow_buckets();
  void link_newest(Index index);
  void unlink(Index index);

  CellPool pool_;
  std::size_t bucket_limit_;
  std::vector<Index> buckets_;
  std::size_t nodes_ = 0;
  Index newest_ = kNone, oldest_ = kNone;
  std::uint64_t evicted_total_ = 0;
  std::vector<std::string> erased_;  ///< Keys that the ledger knows and that are gone since the last checkpoint.
};

}  // namespace dsnwatch::ingest
