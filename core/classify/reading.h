#pragma once

#include <cstdint>
#include <string_view>

#include "core/classify/markers.h"
#include "core/classify/normal_reply.h"
#include "core/classify/verdict.h"

namespace dsnwatch::core {

/// One reply while it is being judged: its text and all that is known beside it.
struct Reading {
  NormalReply reply;
  EnhancedStatus status;  ///< What rules may ask for: of the text, else the MTA's own.
  Stage stage = Stage::kUnknown;
  Side side = Side::kAny;
  ProviderId hinted_provider = kNoProvider;  ///< By MX or recipient domain.

  std::uint32_t markers = 0;                 ///< Bit per Marker that stands in the text.
  ProviderId marked_provider = kNoProvider;  ///< By a mark in the text.
  BlocklistId list = kNoBlocklist;           ///< Public list that the text names.

  bool has(Marker marker) const { return (markers >> static_cast<unsigned>(marker) & 1U) != 0; }
  void set(Marker marker) { markers |= 1U << static_cast<unsigned>(marker); }
  /// Whose rules apply: the text's marks beat the MX.
  ProviderId provider() const { return marked_provider != kNoProvider ? marked_provider : hinted_provider; }
};

/// A piece of a normalised text: the places of its first byte and behind its last.
struct Span {
  std::size_t begin = 0, end = 0;
};

}  // namespace dsnwatch::core
