#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/attempt.h"
#include "core/classify/verdict.h"
#include "core/providers.h"

namespace dsnwatch::exporters {

/// Writes attempts as JSON objects (RFC 8259), one per line, with the fields of design section 6 (`events`); a field
/// that is not known is left out. The output is valid UTF-8 whatever the log holds: a byte that is no part of valid
/// UTF-8 becomes U+FFFD. One per thread; does not allocate once the output has its capacity.
class JsonLineWriter {
 public:
  explicit JsonLineWriter(std::shared_ptr<const core::Providers> providers) : providers_(std::move(providers)) {}

  /// The value of `file` from now on; empty: none.
  void set_file(std::string_view file) { file_ = file; }

  /// Appends the object and a newline. `source_ip`: what is known of the IP that our side sent from.
  void append(const core::Attempt& attempt, const core::Verdict& verdict, std::string_view source_ip, std::string& out);

 private:
  void append_time(std::int64_t time_us, std::string& out);
  void append_who(const core::Attempt& attempt, const core::Verdict& verdict, std::string_view source_ip,
                  std::string& out) const;
  static void append_reply(const core::Attempt& attempt, const core::Verdict& verdict, std::string& out);
  static void append_cause(const core::Verdict& verdict, std::string& out);

  std::shared_ptr<const core::Providers> providers_;
  std::string file_;
  std::int64_t second_ = core::kNoTime;  ///< That `second_text_` is about.
  std::string second_text_;              ///< "2026-11-23T21:53:18"
};

}  // namespace dsnwatch::exporters
