#include "ingest/correlate/correlator.h"

#include <array>
#include <deque>

#include "ingest/correlate/queue_table.h"
#include "ingest/correlate/stored_entry.h"

namespace dsnwatch::ingest {

using Index = QueueTable::Index;
using Entry = QueueTable::Entry;

struct Correlator::Impl {
  explicit Impl(const CorrelatorSettings& chosen) : settings(chosen), table(chosen.memory) {}

  void fill(core::Attempt& attempt, const Entry& entry) {
    if (!attempt.has_sender && (entry.flags & QueueTable::kHasSender) != 0) {
      attempt.has_sender = true;
      attempt.sender = table.text(entry, entry.sender, scratch[0]);
    }
    if (attempt.client_ip.empty()) attempt.client_ip = table.text(entry, entry.client_ip, scratch[1]);
    if (attempt.account.empty()) attempt.account = table.text(entry, entry.account, scratch[2]);
    if (attempt.message_id.empty()) attempt.message_id = table.text(entry, entry.message_id, scratch[3]);
  }

  void set_sender(Index index, std::string_view sender) {
    table.set_text(index, &Entry::sender, sender);
    table.entry(index).flags &= static_cast<std::uint8_t>(~QueueTable::kHasSender);
    // A sender that could not be kept is not the null sender.
    if (sender.empty() || table.entry(index).sender != QueueTable::kNone)
      table.entry(index).flags |= QueueTable::kHasSender;
  }

  /// The entry of an attempt, which is most often the one that enrich() has just found.
  Index entry_of(const core::Attempt& attempt) {
    if (recent != QueueTable::kNone && table.is(recent, attempt.host, attempt.queue_id)) return recent;
    return table.find(attempt.host, attempt.queue_id);
  }

  CorrelatorSettings settings;
  QueueTable table;
  Index recent = QueueTable::kNone;  ///< Found by enrich(); kNone once anything may have gone.
  std::array<std::string, 4> scratch;
  std::vector<core::Attempt> expired;
  std::deque<std::string> long_addresses;  ///< Of `expired`; does not move its strings.
};

Correlator::Correlator(CorrelatorSettings settings) : impl_(std::make_unique<Impl>(settings)) {}
Correlator::~Correlator() = default;

void Correlator::learn(const Record& fact) {
  const core::Attempt& about = fact.attempt;
  QueueTable& table = impl_->table;
  impl_->recent = QueueTable::kNone;
  switch (fact.kind) {
    case RecordKind::kClient: {
      const Index index = table.find_or_add(about.host, about.queue_id);
      if (index == QueueTable::kNone) return;
      table.clear(index);
      table.set_text(index, &Entry::client_ip, about.client_ip);
      table.set_text(index, &Entry::account, about.account);
      return;
    }
    case RecordKind::kMessageId: {
      if (!impl_->settings.keep_message_ids) return;
      const Index index = table.find_or_add(about.host, about.queue_id);
      if (index != QueueTable::kNone) table.set_text(index, &Entry::message_id, about.message_id);
      return;
    }
    case RecordKind::kSender: {
      Index index = table.find(about.host, about.queue_id);
      if (index == QueueTable::kNone) {
        index = table.find_or_add(about.host, about.queue_id);
        if (index == QueueTable::kNone) return;
      } else {
        // The queue manager says it again at every retry: no change.
        if ((table.entry(index).flags & QueueTable::kHasSender) != 0 &&
            table.text(table.entry(index), table.entry(index).sender, impl_->scratch[0]) == about.sender)
          return;
        table.touch(index);
      }
      impl_->set_sender(index, about.sender);
      return;
    }
    case RecordKind::kRemoved: {
      const Index index = table.find(about.host, about.queue_id);
      if (index != QueueTable::kNone) table.remove(index);
      return;
    }
    case RecordKind::kAttempt:
    case RecordKind::kExpired:
      return;
  }
}

bool Correlator::wants_message_ids() const {
  return impl_->settings.keep_message_ids;
}

void Correlator::enrich(core::Attempt& attempt) {
  if (attempt.queue_id.empty()) return;
  const Index index = impl_->recent = impl_->table.find(attempt.host, attempt.queue_id);
  if (index != QueueTable::kNone) impl_->fill(attempt, impl_->table.entry(index));
}

void Correlator::settle(const core::Attempt& attempt, core::Cause cause, core::ProviderId provider) {
  if (attempt.queue_id.empty() || attempt.recipient.empty()) return;
  QueueTable& table = impl_->table;
  const bool waits = attempt.result == core::AttemptResult::kDeferred;
  Index owner = impl_->entry_of(attempt);
  impl_->recent = QueueTable::kNone;
  if (owner == QueueTable::kNone) {
    if (!waits) return;
    owner = table.find_or_add(attempt.host, attempt.queue_id);
    if (owner == QueueTable::kNone) return;
  }
  Index found = table.find_waiting(owner, attempt.recipient);
  if (!waits) {
    if (found == QueueTable::kNone) return;
    table.touch(owner);
    table.remove_waiting(found);
    return;
  }
  if (found != QueueTable::kNone && table.waiting(found).cause == cause && table.waiting(found).provider == provider)
    return;
  table.touch(owner);
  if (found == QueueTable::kNone) found = table.add_waiting(owner, attempt.recipient);
  if (found == QueueTable::kNone) return;
  table.waiting(found).cause = cause;
  table.waiting(found).provider = provider;
}

std::span<core::Attempt> Correlator::expire(const Record& expiry) {
  QueueTable& table = impl_->table;
  auto& expired = impl_->expired;
  expired.clear();
  impl_->long_addresses.clear();
  core::Attempt attempt = expiry.attempt;
  attempt.kind = core::Kind::kOutbound;
  attempt.result = core::AttemptResult::kExpired;
  const Index index = table.find(attempt.host, attempt.queue_id);
  if (index != QueueTable::kNone) {
    impl_->fill(attempt, table.entry(index));
    if (table.entry(index).first_waiting != QueueTable::kNone) table.touch(index);
    while (table.entry(index).first_waiting != QueueTable::kNone) {
      const Index at = table.entry(index).first_waiting;
      const QueueTable::Waiting& waiting = table.waiting(at);
      // The cell is given back but not taken again before the next call: its text stays.
      if (waiting.rest != QueueTable::kNone) impl_->long_addresses.emplace_back();
      attempt.recipient = waiting.rest == QueueTable::kNone ? std::string_view(waiting.address, waiting.size)
                                                            : table.address(waiting, impl_->long_addresses.back());
      attempt.last_cause = waiting.cause;
      attempt.last_provider = waiting.provider;
      expired.push_back(attempt);
      table.remove_waiting(at);
    }
  }
  if (expired.empty()) expired.push_back(attempt);
  return expired;
}

void Correlator::forget_all() {
  impl_->recent = QueueTable::kNone;
  while (impl_->table.newest() != QueueTable::kNone) impl_->table.remove(impl_->table.newest());
}

std::uint64_t Correlator::evicted_total() const {
  return impl_->table.evicted_total();
}

std::size_t Correlator::memory_used() const {
  return impl_->table.memory_used();
}

std::vector<Correlator::Change> Correlator::take_changes(const core::Providers& names) {
  std::vector<Change> changes;
  QueueTable& table = impl_->table;
  for (std::string& key : table.take_erased()) changes.push_back({std::move(key), {}, true});
  for (Index at = table.newest(); at != QueueTable::kNone; at = table.entry(at).older) {
    Entry& entry = table.entry(at);
    if ((entry.flags & QueueTable::kChanged) == 0) break;
    changes.push_back({table.key(at), store_entry(table, at, names), false});
    entry.flags |= QueueTable::kStored;
    entry.flags &= static_cast<std::uint8_t>(~QueueTable::kChanged);
  }
  return changes;
}

void Correlator::restore(std::string_view key, std::string_view value, const core::Providers& names) {
  StoredEntry stored;
  if (!read_stored_entry(value, stored)) return;
  QueueTable& table = impl_->table;
  const Index index = table.add_stored(key);
  if (index == QueueTable::kNone) return;
  if (stored.has_sender) impl_->set_sender(index, stored.sender);
  table.set_text(index, &Entry::client_ip, stored.client_ip);
  table.set_text(index, &Entry::account, stored.account);
  if (impl_->settings.keep_message_ids) table.set_text(index, &Entry::message_id, stored.message_id);
  for (const StoredEntry::Recipient& recipient : stored.waiting) {
    const Index at = table.add_waiting(index, recipient.address);
    if (at == QueueTable::kNone) return;
    table.waiting(at).cause = recipient.cause;
    table.waiting(at).provider = names.find(recipient.provider);
  }
}

}  // namespace dsnwatch::ingest
