#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/envelope/syslog_line.h"

namespace dsnwatch::ingest {

/// What a container's runtime cut into several records and whose last part has not come yet, by stream. Bounded: of a
/// long text the first kLongest bytes are kept, and with too many open texts the oldest must go.
class PartialTexts {
 public:
  static constexpr std::size_t kMost = 32, kLongest = 64u << 10, kMemory = 256u << 10;

  struct Open {
    std::uint64_t stream = 0;  ///< A hash of what names the stream.
    std::string text;
    std::string stamp;  ///< Of its first part.
    StampKind stamp_kind = StampKind::kNone;
    std::string host;
    std::uint64_t number = 0;  ///< Of its last part's line.
  };

  bool empty() const { return open_ == 0; }
  std::size_t memory() const { return memory_; }

  /// The text of a stream that waits for its next part; nullptr if there is none.
  Open* find(std::uint64_t stream);
  Open& oldest() { return texts_.front(); }

  /// True if oldest() must be closed before another text of so many bytes is opened.
  bool full(std::size_t bytes) const { return open_ == kMost || (open_ > 0 && memory_ + bytes > kMemory); }

  /// A new text, behind the others.
  Open& open(std::uint64_t stream);
  void append(Open& text, std::string_view part);
  void close(Open& text);

  /// For the position's record: what must not be lost when the process dies. Empty if nothing is open.
  std::string save() const;
  void restore(std::string_view saved);

 private:
  std::vector<Open> texts_;  // [0, open_) are open, oldest first; the others keep their memory for the next.
  std::size_t open_ = 0;
  std::size_t memory_ = 0;
};

}  // namespace dsnwatch::ingest
