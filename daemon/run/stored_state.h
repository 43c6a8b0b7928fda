#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dsnwatch::daemon {

/// How the daemon names its records in the ledger.
std::string source_record_key(std::string_view source);
std::string pattern_record_key(std::string_view pattern);

/// Of one source: its position and the format's state at the same place.
std::string join_state(std::string_view position, std::string_view format);
std::optional<std::pair<std::string, std::string>> split_state(std::string_view stored);

/// A correlator's key within its group.
std::string correlation_record_key(std::string_view group, std::string_view key);
std::pair<std::string_view, std::string_view> split_correlation_key(std::string_view record);  ///< group, key

/// What the ledger held about positions when it was loaded.
using StoredPositions = std::map<std::string, std::string, std::less<>>;

}  // namespace dsnwatch::daemon
