#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/envelope/message.h"

namespace dsnwatch::ingest {

/// What keys of a JSON record mean, in the order in which they are asked. Names that mean the same share a slot.
enum class Slot : std::uint8_t {
  // The text: the line, or the message with its header parsed away.
  kConfiguredText,
  kEventOriginal,
  kMessage,
  kLog,
  kMsg,
  kJournalMessage,
  kShortMessage,
  kFullMessage,
  kRaw,
  kEvent,
  kLine,
  kText,
  kTextPayload,
  kBody,
  kRawmsg,  ///< Only if there is nothing else.
  // The program.
  kSyslogtag,
  kSyslogTag,
  kTag,  ///< A routing tag, unless it ends like a syslog tag.
  kIdent,
  kSyslogIdentifier,
  kSyslogIdentifierField,
  kLogSyslogAppname,
  kAppname,
  kAppName,
  kProcessName,
  kProcessProgram,
  kProgramUpper,
  kProgramGelf,
  kProgram,
  kProgramname,
  kAppNameDashed,
  // The host.
  kConfiguredHost,
  kLogSyslogHostname,
  kSysloghost,
  kHostname,
  kJournalHostname,
  kHostUpper,
  kHostHostname,
  kLogsource,
  kHost,
  kHostName,
  kNode,  ///< A container's node, or the peer that the record came from.
  // The time; the last ones say when the record was received.
  kConfiguredTime,
  kTimereported,
  kIsodate,
  kTimeUnixNano,
  kSourceRealtime,
  kRealtime,
  kAtTimestamp,
  kTimestamp,
  kTime,
  kDate,
  kTs,
  kTimeUnderscore,
  kDateUpper,
  kTimegenerated,
  kReceivedIsodate,
  kObservedTimeUnixNano,
  kEndOfTimes,
  // Parts of a text, and of which container it is.
  kStream,
  kCriPart,
  kPartialMessage,
  kPartialLast,
  kPartial,
  kAttrs,
  kContainer,
  kContainerName,
  kPod,
  kFile,
  // What holds records of its own.
  kPayload,
  kResourceLogs,
  kNone,
};
constexpr Slot next(Slot slot) {
  return static_cast<Slot>(static_cast<unsigned>(slot) + 1);
}
inline constexpr std::size_t kSlots = static_cast<std::size_t>(Slot::kNone);
static_assert(static_cast<std::size_t>(Slot::kEndOfTimes) <= 64 && kSlots <= 128);

/// The names of all known keys; "a.b" is key b within a, or a key of that name. Immutable.
class RecordKeys {
 public:
  explicit RecordKeys(const EnvelopeKeys& configured);

  struct Entry {
    std::string name;
    Slot slot = Slot::kNone;
    bool leads_on = false;  ///< Names go on behind it: an object under this key is looked into.
  };

  /// nullptr for a key that says nothing here.
  const Entry* find(std::string_view name) const {
    if (name.size() > kLongest || name.empty()) return nullptr;
    const Ends ends(name);
    for (std::size_t at = ends.hash() & kMask;; at = (at + 1) & kMask) {
      const Place& place = table_[at];
      if (place.entry == 0) return nullptr;
      if (place.ends != ends) continue;
      const Entry& entry = entries_[place.entry - 1u];
      if (name.size() <= 2 * sizeof(std::uint64_t) || entry.name == name) return &entry;
    }
  }

  /// A number that tells names apart, for tables of other owners.
  static std::size_t hash(std::string_view name) { return static_cast<std::size_t>(Ends(name).hash()); }

 private:
  static constexpr std::size_t kMask = 511, kLongest = 63;

  /// Length and bytes at both ends: all there is to a name of up to 16 bytes, and what tells longer ones apart.
  struct Ends {
    Ends() = default;
    explicit Ends(std::string_view name) : size(name.size()) {
      const char* last = name.data() + name.size();
      if (name.size() >= 8) {
        std::memcpy(&head, name.data(), 8);
        std::memcpy(&tail, last - 8, 8);
      } else if (name.size() >= 4) {
        std::memcpy(&head, name.data(), 4);
        std::memcpy(&tail, last - 4, 4);
      } else {
        for (const char c : name) head = head << 8 | static_cast<unsigned char>(c);
      }
    }
    bool operator==(const Ends&) const = default;
    std::uint64_t hash() const { return ((head ^ (tail * 3)) + size) * 0x9E3779B97F4A7C15ull >> 48; }

    std::uint64_t head = 0, tail = 0;
    std::size_t size = 0;
  };
  struct Place {
    Ends ends;
    std::uint8_t entry = 0;  ///< Its index plus one; 0: free.
  };

  Entry& entry(std::string_view name);
  void add(std::string_view name, Slot slot);

  std::vector<Entry> entries_;
  std::array<Place, kMask + 1> table_{};
};

}  // namespace dsnwatch::ingest
