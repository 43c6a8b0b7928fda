#include "daemon/ledger/ledger.h"

#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "daemon/ledger/state_directory.h"
#include "daemon/ledger/stored_key.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::string_view kSchemaKey = "schema";
constexpr std::string_view kSchema = "1";
// Only address space until it is filled; doubled when it is.
constexpr std::size_t kFirstMapSize = 64u << 20;
// More doublings than any 64-bit address space holds: a commit does not go round for ever.
constexpr int kMostGrowths = 20;

struct EnvironmentCloser {
  void operator()(MDB_env* environment) const { mdb_env_close(environment); }
};
using Environment = std::unique_ptr<MDB_env, EnvironmentCloser>;

struct TransactionAborter {
  void operator()(MDB_txn* transaction) const { mdb_txn_abort(transaction); }
};
using Transaction = std::unique_ptr<MDB_txn, TransactionAborter>;

enum Table : std::uint8_t { kSeries, kPositions, kCorrelation, kMeta, kTableCount };
constexpr std::array<const char*, kTableCount> kTableNames = {"series", "positions", "correlation", "meta"};

/// An open LMDB environment with the handles of its tables.
struct Store {
  Environment environment;
  std::array<MDB_dbi, kTableCount> tables{};
};

MDB_val view(std::string_view bytes) {
  // LMDB does not write through the pointers that it is given.
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

std::string_view view(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

/// LMDB's status as a sentence's end: what it is, and what to do about it.
std::string reason(int status) {
  std::string text = mdb_strerror(status);
  if (status == ENOSPC || status == EDQUOT || status == EFBIG) text += " (make room on its file system)";
  if (status == EIO) text += " (the disk is full or failing: see the kernel's log)";
  if (status == MDB_INVALID || status == MDB_CORRUPTED || status == MDB_PAGE_NOTFOUND ||
      status == MDB_VERSION_MISMATCH) {
    text += " (data.mdb is damaged or no ledger: move it away to begin anew)";
  }
  return text;
}

/// A file shorter than its pages, cut by whatever accident, would end the process by SIGBUS when its map is read;
/// filled up with zeros a missing page is an error that LMDB reports.
int fill_up(MDB_env* environment) {
  MDB_envinfo info = {};
  MDB_stat stat = {};
  int fd = -1;
  int status = mdb_env_info(environment, &info);
  if (status == MDB_SUCCESS) status = mdb_env_stat(environment, &stat);
  if (status == MDB_SUCCESS) status = mdb_env_get_fd(environment, &fd);
  if (status != MDB_SUCCESS) return status;
  struct stat file = {};
  if (fstat(fd, &file) != 0) return errno;
  const auto wanted = static_cast<off_t>((info.me_last_pgno + 1) * stat.ms_psize);
  if (file.st_size > 0 && file.st_size < wanted && ftruncate(fd, wanted) != 0) return errno;
  return MDB_SUCCESS;
}

int open_tables(Store& store) {
  MDB_txn* raw = nullptr;
  int status = mdb_txn_begin(store.environment.get(), nullptr, 0, &raw);
  if (status != MDB_SUCCESS) return status;
  Transaction transaction(raw);
  for (std::size_t table = 0; table < kTableCount; ++table) {
    status = mdb_dbi_open(raw, kTableNames[table], MDB_CREATE, &store.tables[table]);
    if (status != MDB_SUCCESS) return status;
  }
  MDB_val key = view(kSchemaKey), value = view(kSchema);
  status = mdb_get(raw, store.tables[kMeta], &key, &value);
  if (status == MDB_SUCCESS && view(value) != kSchema) return MDB_VERSION_MISMATCH;
  if (status != MDB_SUCCESS && status != MDB_NOTFOUND) return status;
  if (status == MDB_NOTFOUND) {
    value = view(kSchema);
    status = mdb_put(raw, store.tables[kMeta], &key, &value, 0);
    if (status != MDB_SUCCESS) return status;
  }
  return mdb_txn_commit(transaction.release());
}

/// MDB_NOMETASYNC: one flush a commit; the death of the machine may undo the last commit but never damages the store.
/// MDB_NOLOCK: the directory's lock file already keeps everybody else out, and nobody reads while a commit runs.
int open_store(const std::string& directory, Store& store) {
  MDB_env* raw = nullptr;
  int status = mdb_env_create(&raw);
  if (status != MDB_SUCCESS) return status;
  store.environment.reset(raw);
  status = mdb_env_set_maxdbs(raw, kTableCount);
  if (status == MDB_SUCCESS) status = mdb_env_set_mapsize(raw, kFirstMapSize);
  if (status == MDB_SUCCESS) status = mdb_env_open(raw, directory.c_str(), MDB_NOMETASYNC | MDB_NOLOCK, 0600);
  if (status == MDB_SUCCESS) status = fill_up(raw);
  return status == MDB_SUCCESS ? open_tables(store) : status;
}

int put_record(MDB_txn* transaction, MDB_dbi table, const core::StoredRecord& record) {
  const StoredForm form = stored_form(record.key);
  MDB_val key = view(form.key);
  if (record.erase) {
    const int status = mdb_del(transaction, table, &key, nullptr);
    return status == MDB_NOTFOUND ? MDB_SUCCESS : status;
  }
  const std::string packed = form.stand_in ? pack_with_key(record.key, record.value) : std::string();
  MDB_val value = view(form.stand_in ? packed : record.value);
  return mdb_put(transaction, table, &key, &value, 0);
}

int write_all(const Store& store, const Checkpoint& checkpoint) {
  MDB_txn* raw = nullptr;
  int status = mdb_txn_begin(store.environment.get(), nullptr, 0, &raw);
  if (status != MDB_SUCCESS) return status;
  Transaction transaction(raw);
  const std::pair<Table, const std::vector<core::StoredRecord>*> parts[] = {
      {kSeries, &checkpoint.series}, {kPositions, &checkpoint.positions}, {kCorrelation, &checkpoint.correlation}};
  for (const auto& [table, records] : parts) {
    for (const core::StoredRecord& record : *records) {
      status = put_record(raw, store.tables[table], record);
      if (status != MDB_SUCCESS) return status;
    }
  }
  return mdb_txn_commit(transaction.release());
}

int grow(MDB_env* environment) {
  MDB_envinfo info = {};
  const int status = mdb_env_info(environment, &info);
  return status == MDB_SUCCESS ? mdb_env_set_mapsize(environment, info.me_mapsize * 2) : status;
}

int read_table(MDB_txn* transaction, MDB_dbi table, std::vector<core::StoredRecord>& records) {
  MDB_cursor* raw = nullptr;
  int status = mdb_cursor_open(transaction, table, &raw);
  if (status != MDB_SUCCESS) return status;
  const std::unique_ptr<MDB_cursor, void (*)(MDB_cursor*)> cursor(raw, mdb_cursor_close);
  MDB_val key = {}, value = {};
  while ((status = mdb_cursor_get(raw, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
    core::StoredRecord record;
    if (!is_stand_in(view(key))) {
      record.key = view(key);
      record.value = view(value);
    } else if (!unpack_with_key(view(value), record.key, record.value)) {
      return MDB_CORRUPTED;
    }
    records.push_back(std::move(record));
  }
  return status == MDB_NOTFOUND ? MDB_SUCCESS : status;
}

int read_all(const Store& store, Checkpoint& checkpoint) {
  MDB_txn* raw = nullptr;
  int status = mdb_txn_begin(store.environment.get(), nullptr, MDB_RDONLY, &raw);
  if (status != MDB_SUCCESS) return status;
  const Transaction transaction(raw);
  status = read_table(raw, store.tables[kSeries], checkpoint.series);
  if (status == MDB_SUCCESS) status = read_table(raw, store.tables[kPositions], checkpoint.positions);
  if (status == MDB_SUCCESS) status = read_table(raw, store.tables[kCorrelation], checkpoint.correlation);
  return status;
}

}  // namespace

struct Ledger::Impl {
  StateDirectory directory;
  Store store;
};

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Ledger::~Ledger() {
  // The last commit's meta page, which MDB_NOMETASYNC left to the system.
  if (impl_->store.environment != nullptr) mdb_env_sync(impl_->store.environment.get(), 1);
}

tl::expected<std::unique_ptr<Ledger>, LedgerError> Ledger::open(const std::string& directory) {
  auto taken = StateDirectory::take(directory);
  if (!taken) return tl::make_unexpected(std::move(taken.error()));
  auto impl = std::make_unique<Impl>(Impl{std::move(*taken), {}});
  const int status = open_store(directory, impl->store);
  if (status != MDB_SUCCESS) {
    return tl::make_unexpected(
        LedgerError{LedgerProblem::kUnusable,
                    {"the ledger in the state directory " + directory + " can't be opened: " + reason(status)}});
  }
  return std::unique_ptr<Ledger>(new Ledger(std::move(impl)));
}

core::Result<Checkpoint> Ledger::load() {
  Checkpoint checkpoint;
  const int status = read_all(impl_->store, checkpoint);
  if (status == MDB_SUCCESS) return checkpoint;
  return core::fail("reading the ledger in " + impl_->directory.path() + " failed: " + reason(status));
}

core::Result<void> Ledger::commit(const Checkpoint& checkpoint) {
  Store& store = impl_->store;
  int status = MDB_SUCCESS;
  if (store.environment == nullptr) status = open_store(impl_->directory.path(), store);
  const bool opened = status == MDB_SUCCESS;
  if (opened) status = write_all(store, checkpoint);
  for (int growths = 0; status == MDB_MAP_FULL && growths < kMostGrowths; ++growths) {
    status = grow(store.environment.get());
    if (status == MDB_SUCCESS) status = write_all(store, checkpoint);
  }
  if (status == MDB_SUCCESS) return {};
  // An environment whose meta page could not be written takes no commit any more: the next call opens it anew.
  if (!opened || status == MDB_PANIC) store = Store{};
  return core::fail("writing a checkpoint to the ledger in " + impl_->directory.path() + " failed: " + reason(status) +
                    "; nothing is lost, the next checkpoint tries again");
}

}  // namespace dsnwatch::daemon
