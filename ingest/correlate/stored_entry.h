#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/correlate/queue_table.h"

namespace dsnwatch::ingest {

/// What the ledger holds of one queue id; views into the stored value.
struct StoredEntry {
  struct Recipient {
    std::string_view address;
    core::Cause cause = core::Cause::kUnknown;
    core::ProviderId provider = core::kNoProvider;
  };
  bool has_sender = false;
  std::string_view sender, client_ip, account, message_id;
  std::vector<Recipient> waiting;
};

/// The value of an entry: a version byte, then lengths and texts.
std::string store_entry(QueueTable& table, QueueTable::Index index);

/// False for anything that store_entry() of this version can't have written.
bool read_stored_entry(std::string_view value, StoredEntry& out);

}  // namespace dsnwatch::ingest
