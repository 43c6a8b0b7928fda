#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace dsnwatch::core {

/// Why a set-up step failed: a whole sentence that says what, where (file:line:column) and what to do.
/// Never used per log line: a line that can't be read is data and is counted.
struct [[nodiscard]] Error {
  std::string message;

  /// The same error with what was being done in front: `prefixed("loading rules.yaml")` gives "loading rules.yaml: …".
  Error prefixed(std::string_view doing) && { return Error{std::string(doing) + ": " + std::move(message)}; }
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace dsnwatch::core
