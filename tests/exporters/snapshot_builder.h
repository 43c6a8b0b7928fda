#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/series/snapshot.h"

namespace dsnwatch::exporters {

/// Snapshots as core makes them, without its store.
class SnapshotBuilder {
 public:
  SnapshotBuilder() : layouts_(core::kFamilyCount) {}

  /// A series with its values: one of a counter; of the histogram the counts of its buckets and the sum in ms.
  SnapshotBuilder& add(core::Family family, std::string labels, std::vector<std::uint64_t> values, bool held = false) {
    core::Snapshot::Layout& layout = layouts_[static_cast<std::size_t>(family)];
    layout.labels.push_back(std::make_shared<const std::string>(std::move(labels)));
    layout.slots.push_back(static_cast<std::uint32_t>(snapshot_.values.size()));
    snapshot_.values.insert(snapshot_.values.end(), values.begin(), values.end());
    snapshot_.held.resize(snapshot_.values.size(), held ? 1 : 0);
    return *this;
  }

  SnapshotBuilder& use(core::BoundedLabel label, std::uint64_t owners, std::uint64_t limit, std::uint64_t overflowed) {
    snapshot_.label_use.push_back({label, owners, limit, overflowed});
    return *this;
  }

  std::shared_ptr<const core::Snapshot> build() {
    snapshot_.families.clear();
    for (const core::Snapshot::Layout& layout : layouts_) {
      snapshot_.families.push_back(std::make_shared<const core::Snapshot::Layout>(layout));
    }
    return std::make_shared<const core::Snapshot>(snapshot_);
  }

 private:
  std::vector<core::Snapshot::Layout> layouts_;
  core::Snapshot snapshot_;
};

}  // namespace dsnwatch::exporters
