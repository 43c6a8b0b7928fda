#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/providers.h"
#include "ingest/correlate/queue_table.h"

namespace dsnwatch::ingest {

/// What the ledger holds of one queue id; views into the stored value.
struct StoredEntry {
  struct Recipient {
    std::string_view address;
    core::Cause cause = core::Cause::kUnknown;
    std::string_view provider;  ///< Its id; empty: none.
  };
  bool has_sender = false;
  std::string_view sender, client_ip, account, message_id;
  std::vector<Recipient> waiting;
};

/// The value of an entry: a version byte, then lengths and texts.
std::string store_entry(QueueTable& table, QueueTable::Index index, const core::Providers& names);

/// False for anything that store_entry() can't have written. Version 1 kept providers by number, which may name another
/// one by now: they are left out.
bool read_stored_entry(std::string_view value, StoredEntry& out);

}  // namespace dsnwatch::ingest
