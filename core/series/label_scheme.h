#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/providers.h"
#include "core/series/families.h"
#include "core/series/series_key.h"

namespace dsnwatch::core {

/// Which labels each family has in this configuration, and how a key becomes label values and back.
class LabelScheme {
 public:
  LabelScheme(bool host, bool inbound_client_ip, std::shared_ptr<const Providers> providers);

  /// Providers that replace the earlier ones, with the same numbers (Providers::build).
  void set_providers(std::shared_ptr<const Providers> providers) { providers_ = std::move(providers); }

  /// The family's bounded label, whose value is SeriesKey::value; a family has at most one.
  std::optional<BoundedLabel> bounded(Family family) const { return shape(family).bounded; }
  bool has_result(Family family) const;

  /// The names of the family's labels, in order, as text: what the ledger compares.
  std::string signature(Family family) const;

  /// `mta="postfix",provider="google"`; `value` is the text of the bounded label.
  std::string block(Family family, const SeriesKey& key, std::string_view value) const;

  /// The label values, separated by line feeds, which no value contains: what the ledger keeps.
  std::string values(Family family, const SeriesKey& key, std::string_view value) const;

  struct Parsed {
    SeriesKey key;           ///< But for `value`.
    std::string_view value;  ///< Of the bounded label.
  };
  /// Reads what values() gave; nothing if a value is not known (any more), such as a provider that was removed.
  std::optional<Parsed> parse(Family family, std::string_view values) const;

  /// The keys that stand in when a family is full (design section 5): the same with the bounded value `other`, and
  /// `other` in every label but the result.
  static SeriesKey other_value(SeriesKey key);
  SeriesKey all_other(Family family, SeriesKey key) const;

 private:
  enum class Part : std::uint8_t { kMta, kProvider, kResult, kStatus, kCause, kBlocklist, kComplaint, kBounded };
  struct Column {
    std::string_view name;
    Part part;
  };
  struct Shape {
    std::vector<Column> columns;
    std::optional<BoundedLabel> bounded;
  };

  const Shape& shape(Family family) const { return shapes_[static_cast<std::size_t>(family)]; }
  static void add_column(Shape& shape, std::string_view label);
  std::string text(Part part, const SeriesKey& key, std::string_view value) const;
  bool read(Part part, std::string_view text, Parsed& out) const;

  std::shared_ptr<const Providers> providers_;
  std::array<Shape, kFamilyCount> shapes_;
};

/// "domain", "sender_domain", …: the value of the `label` label of the health metrics too.
std::string_view name(BoundedLabel label);

}  // namespace dsnwatch::core
