#include "ingest/correlate/queue_table.h"

#include <algorithm>
#include <bit>

#include "core/copy_bytes.h"
#include "core/same_bytes.h"
#include "core/series/seeded_hash.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::size_t kFirstBuckets = 1024;
constexpr std::size_t kLongestText = 2048;
constexpr std::size_t kLongestKey = 512;

/// Marks a text that stands in the entry itself: place and size in its lowest two bytes.
constexpr QueueTable::Text kInline = 1u << 31;

static_assert(sizeof(QueueTable::Entry) == CellPool::kCellSize);
static_assert(sizeof(QueueTable::Waiting) == CellPool::kCellSize);

/// Splits "host NUL queue_id".
std::pair<std::string_view, std::string_view> split_key(std::string_view key) {
  const std::size_t nul = key.find('\0');
  if (nul == std::string_view::npos) return {{}, {}};
  return {key.substr(0, nul), key.substr(nul + 1)};
}

}  // namespace

QueueTable::QueueTable(std::size_t memory)
    : pool_(memory - memory / 16),
      bucket_limit_(std::max(kFirstBuckets, std::bit_floor(memory / 16 / sizeof(Index)))),
      buckets_(kFirstBuckets, kNone) {}

std::uint64_t QueueTable::key_hash(std::string_view host, std::string_view queue_id) const {
  return core::seeded_hash(core::seeded_hash(queue_id), core::seeded_hash(host));
}

bool QueueTable::chain_is(Index head, std::string_view text) const {
  while (head != kNone) {
    const TextCell& part = cell(head);
    if (!text.starts_with(std::string_view(part.bytes, part.size))) return false;
    text.remove_prefix(part.size);
    head = part.next;
  }
  return text.empty();
}

/// Inline but for keys of unusual length: asked once or more of every queue id of the log.
inline bool QueueTable::key_is(const Entry& entry, std::string_view host, std::string_view queue_id) const {
  if (entry.key_rest != kNone) return long_key_is(entry, host, queue_id);
  return entry.key_size == host.size() + 1 + queue_id.size() &&
         core::same_bytes(entry.bytes + host.size() + 1, queue_id.data(), queue_id.size()) &&
         entry.bytes[host.size()] == '\0' && core::same_bytes(entry.bytes, host.data(), host.size());
}

bool QueueTable::long_key_is(const Entry& entry, std::string_view host, std::string_view queue_id) const {
  const std::string_view inline_part(entry.bytes, entry.key_size);
  std::string whole(host);
  whole.append(1, '\0').append(queue_id);
  return whole.starts_with(inline_part) && chain_is(entry.key_rest, std::string_view(whole).substr(inline_part.size()));
}

QueueTable::Index QueueTable::find(std::uint64_t hash, std::string_view host, std::string_view queue_id) const {
  for (Index at = buckets_[hash & (buckets_.size() - 1)]; at != kNone; at = node(at).chain)
    if (node(at).hash == hash && node(at).owner == kNone && key_is(entry(at), host, queue_id)) return at;
  return kNone;
}

QueueTable::Index QueueTable::find(std::string_view host, std::string_view queue_id) const {
  return find(key_hash(host, queue_id), host, queue_id);
}

bool QueueTable::is(Index index, std::string_view host, std::string_view queue_id) const {
  return key_is(entry(index), host, queue_id);
}

QueueTable::Index QueueTable::find_or_add(std::string_view host, std::string_view queue_id) {
  const std::uint64_t hash = key_hash(host, queue_id);
  Index index = find(hash, host, queue_id);
  if (index != kNone) {
    touch(index);
    return index;
  }
  index = add(hash, host, queue_id);
  if (index == kNone) return kNone;
  entry(index).flags = kChanged;
  link_newest(index);
  return index;
}

QueueTable::Index QueueTable::add_stored(std::string_view key) {
  const auto [host, queue_id] = split_key(key);
  if (queue_id.empty() || find(host, queue_id) != kNone) return kNone;
  const Index index = add(key_hash(host, queue_id), host, queue_id);
  if (index == kNone) return kNone;
  Entry& added = entry(index);
  added.flags = kStored;
  added.newer = oldest_;
  (oldest_ != kNone ? entry(oldest_).older : newest_) = index;
  oldest_ = index;
  return index;
}

QueueTable::Index QueueTable::add(std::uint64_t hash, std::string_view host, std::string_view queue_id) {
  if (host.size() + queue_id.size() + 1 > kLongestKey) return kNone;
  const Index index = allocate(kNone);
  if (index == kNone) return kNone;
  Entry& added = entry(index);
  added = {};
  added.node = {hash, kNone, kNone};
  if (host.size() + 1 + queue_id.size() <= sizeof added.bytes) {
    core::copy_bytes(added.bytes, host.data(), host.size());
    added.bytes[host.size()] = '\0';
    core::copy_bytes(added.bytes + host.size() + 1, queue_id.data(), queue_id.size());
    added.key_size = static_cast<std::uint8_t>(host.size() + 1 + queue_id.size());
  } else {
    std::string whole(host);
    whole.append(1, '\0').append(queue_id);
    whole.copy(added.bytes, sizeof added.bytes);
    added.key_size = sizeof added.bytes;
    added.key_rest = store_chain(std::string_view(whole).substr(sizeof added.bytes), kNone);
    if (added.key_rest == kNone) {
      pool_.release(index);
      return kNone;
    }
  }
  added.used = added.key_size;
  link_bucket(index);
  return index;
}

void QueueTable::remove(Index index) {
  if ((entry(index).flags & kStored) != 0) erased_.push_back(key(index));
  clear(index);
  unlink_bucket(index);
  unlink(index);
  release_chain(entry(index).key_rest);
  pool_.release(index);
}

void QueueTable::evict_oldest() {
  remove(oldest_);
  ++evicted_total_;
}

void QueueTable::touch(Index index) {
  entry(index).flags |= kChanged;
  if (newest_ == index) return;
  unlink(index);
  link_newest(index);
}

void QueueTable::clear(Index index) {
  while (entry(index).first_waiting != kNone) remove_waiting(entry(index).first_waiting);
  Entry& cleared = entry(index);
  for (Text Entry::* member : {&Entry::sender, &Entry::client_ip, &Entry::account, &Entry::message_id}) {
    release_text(cleared.*member);
    cleared.*member = kNone;
  }
  cleared.used = cleared.key_size;
  cleared.flags &= static_cast<std::uint8_t>(~kHasSender);
}

void QueueTable::set_text(Index index, Text Entry::* member, std::string_view text) {
  Entry& changed = entry(index);
  release_text(changed.*member);
  changed.*member = kNone;
  if (text.empty() || text.size() > kLongestText) return;
  if (text.size() <= sizeof changed.bytes - changed.used) {
    core::copy_bytes(changed.bytes + changed.used, text.data(), text.size());
    changed.*member = kInline | static_cast<Text>(changed.used) << 8 | static_cast<Text>(text.size());
    changed.used = static_cast<std::uint8_t>(changed.used + text.size());
    return;
  }
  changed.*member = store_chain(text, index);
}

std::string_view QueueTable::text(const Entry& entry, Text text, std::string& scratch) const {
  if ((text & kInline) == 0) return chained_text(text, scratch);
  return {entry.bytes + (text >> 8 & 0xff), text & 0xff};
}

std::string_view QueueTable::chained_text(Index head, std::string& scratch) const {
  if (head == kNone) return {};
  const TextCell* part = &cell(head);
  if (part->next == kNone) return {part->bytes, part->size};
  scratch.assign(part->bytes, part->size);
  while (part->next != kNone) {
    part = &cell(part->next);
    scratch.append(part->bytes, part->size);
  }
  return scratch;
}

QueueTable::Index QueueTable::allocate(Index keep) {
  for (;;) {
    const Index index = pool_.allocate();
    if (index != kNone || oldest_ == kNone || oldest_ == keep) return index;
    evict_oldest();
  }
}

QueueTable::Index QueueTable::store_chain(std::string_view text, Index keep) {
  Index head = kNone, last = kNone;
  while (!text.empty()) {
    const Index index = allocate(keep);
    if (index == kNone) {
      release_chain(head);
      return kNone;
    }
    TextCell& part = cell(index);
    part.next = kNone;
    part.size = static_cast<std::uint16_t>(std::min(text.size(), TextCell::kCapacity));
    std::memcpy(part.bytes, text.data(), part.size);
    text.remove_prefix(part.size);
    (last == kNone ? head : cell(last).next) = index;
    last = index;
  }
  return head;
}

void QueueTable::release_text(Text text) {
  if ((text & kInline) == 0) release_chain(text);
}

void QueueTable::release_chain(Index head) {
  while (head != kNone) {
    const Index next = cell(head).next;
    pool_.release(head);
    head = next;
  }
}

QueueTable::Index QueueTable::find_waiting(Index owner, std::string_view address) const {
  if (entry(owner).first_waiting == kNone) return kNone;
  const std::uint64_t hash = core::seeded_hash(core::seeded_hash(address), entry(owner).node.hash);
  for (Index at = buckets_[hash & (buckets_.size() - 1)]; at != kNone; at = node(at).chain) {
    if (node(at).hash != hash || node(at).owner != owner) continue;
    const Waiting& found = waiting(at);
    if (address.starts_with(std::string_view(found.address, found.size)) &&
        chain_is(found.rest, address.substr(found.size)))
      return at;
  }
  return kNone;
}

QueueTable::Index QueueTable::add_waiting(Index owner, std::string_view address) {
  if (address.size() > kLongestText) return kNone;
  const Index index = allocate(owner);
  if (index == kNone) return kNone;
  Waiting& added = waiting(index);
  added = {};
  const std::size_t size = std::min(address.size(), sizeof added.address);
  if (address.size() > size) {
    added.rest = store_chain(address.substr(size), owner);
    if (added.rest == kNone) {
      pool_.release(index);
      return kNone;
    }
  }
  address.copy(added.address, size);
  added.size = static_cast<std::uint8_t>(size);
  added.node = {core::seeded_hash(core::seeded_hash(address), entry(owner).node.hash), kNone, owner};
  added.previous = entry(owner).last_waiting;
  (added.previous != kNone ? waiting(added.previous).next : entry(owner).first_waiting) = index;
  entry(owner).last_waiting = index;
  link_bucket(index);
  return index;
}

void QueueTable::remove_waiting(Index index) {
  const Waiting gone = waiting(index);
  Entry& owner = entry(gone.node.owner);
  (gone.previous != kNone ? waiting(gone.previous).next : owner.first_waiting) = gone.next;
  (gone.next != kNone ? waiting(gone.next).previous : owner.last_waiting) = gone.previous;
  unlink_bucket(index);
  release_chain(gone.rest);
  pool_.release(index);
}

std::string_view QueueTable::address(const Waiting& waiting, std::string& scratch) const {
  if (waiting.rest == kNone) return {waiting.address, waiting.size};
  std::string rest;
  scratch.assign(waiting.address, waiting.size);
  scratch.append(chained_text(waiting.rest, rest));
  return scratch;
}

std::string QueueTable::key(Index index) const {
  const Entry& found = entry(index);
  std::string whole(found.bytes, found.key_size), rest;
  whole.append(chained_text(found.key_rest, rest));
  return whole;
}

void QueueTable::link_bucket(Index index) {
  if (++nodes_ > buckets_.size() && buckets_.size() < bucket_limit_) grow_buckets();
  Index& head = buckets_[node(index).hash & (buckets_.size() - 1)];
  node(index).chain = head;
  head = index;
}

void QueueTable::unlink_bucket(Index index) {
  Index* link = &buckets_[node(index).hash & (buckets_.size() - 1)];
  while (*link != index) link = &node(*link).chain;
  *link = node(index).chain;
  --nodes_;
}

void QueueTable::grow_buckets() {
  std::vector<Index> larger(buckets_.size() * 2, kNone);
  for (Index at : buckets_) {
    while (at != kNone) {
      const Index next = node(at).chain;
      Index& head = larger[node(at).hash & (larger.size() - 1)];
      node(at).chain = head;
      head = at;
      at = next;
    }
  }
  buckets_ = std::move(larger);
}

void QueueTable::link_newest(Index index) {
  Entry& linked = entry(index);
  linked.older = newest_;
  linked.newer = kNone;
  (newest_ != kNone ? entry(newest_).newer : oldest_) = index;
  newest_ = index;
}

void QueueTable::unlink(Index index) {
  const Entry& gone = entry(index);
  (gone.older != kNone ? entry(gone.older).newer : oldest_) = gone.newer;
  (gone.newer != kNone ? entry(gone.newer).older : newest_) = gone.older;
}

}  // namespace dsnwatch::ingest
