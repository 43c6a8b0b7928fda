#pragma once

#include <cstdint>

namespace dsnwatch::core {

/// Index into the table of providers (`core/providers.h`). The first three are fixed.
using ProviderId = std::uint16_t;
inline constexpr ProviderId kOtherProvider = 0;     ///< "other": nobody known.
inline constexpr ProviderId kInternalProvider = 1;  ///< "internal": local transports and inner hops.
inline constexpr ProviderId kNoProvider = 0xffff;   ///< Not looked up yet.

}  // namespace dsnwatch::core
