// Which enhanced status codes exist: those registered with IANA (RFC 3463, RFC 5248 and later) and those that vendors
// are known to use beside them (Microsoft's X.7.5xx and so on). Anything else counts as "5.other" or "4.other", so that
// a receiver cannot make series at will.
#include <algorithm>
#include <array>
#include <cstdint>

#include "core/enhanced_status.h"

namespace dsnwatch::core {
namespace {

struct Range {
  std::uint8_t klass;
  std::uint16_t subject;
  std::uint16_t first, last;  // details, both included
};

// Sorted by class, subject and first detail.
constexpr std::array kKnown = std::to_array<Range>(
    {{4, 0, 0, 0},     {4, 1, 0, 10},    {4, 2, 0, 4},     {4, 3, 0, 6},     {4, 4, 0, 8},     {4, 4, 62, 62},
     {4, 4, 316, 318}, {4, 5, 0, 6},     {4, 6, 0, 10},    {4, 7, 0, 32},    {4, 7, 40, 40},   {4, 7, 320, 325},
     {4, 7, 500, 700}, {4, 7, 850, 899}, {5, 0, 0, 0},     {5, 0, 9, 9},     {5, 0, 350, 350}, {5, 1, 0, 10},
     {5, 1, 20, 20},   {5, 1, 90, 90},   {5, 2, 0, 4},     {5, 2, 121, 122}, {5, 3, 0, 6},     {5, 3, 190, 190},
     {5, 4, 0, 8},     {5, 4, 14, 14},   {5, 4, 300, 300}, {5, 4, 310, 310}, {5, 4, 312, 312}, {5, 4, 316, 318},
     {5, 5, 0, 6},     {5, 6, 0, 11},    {5, 7, 0, 32},    {5, 7, 40, 40},   {5, 7, 51, 51},   {5, 7, 57, 57},
     {5, 7, 64, 64},   {5, 7, 80, 80},   {5, 7, 90, 90},   {5, 7, 124, 124}, {5, 7, 129, 129}, {5, 7, 133, 136},
     {5, 7, 139, 139}, {5, 7, 193, 193}, {5, 7, 232, 233}, {5, 7, 321, 325}, {5, 7, 501, 513}, {5, 7, 515, 515},
     {5, 7, 520, 520}, {5, 7, 606, 649}, {5, 7, 703, 703}, {5, 7, 705, 705}, {5, 7, 708, 708}, {5, 7, 750, 750},
     {5, 7, 900, 999}});

constexpr bool precedes(const Range& range, const EnhancedStatus& status) {
  if (range.klass != status.klass) return range.klass < status.klass;
  if (range.subject != status.subject) return range.subject < status.subject;
  return range.last < status.detail;
}

}  // namespace

bool is_known_status(EnhancedStatus status) {
  const auto* at = std::lower_bound(kKnown.begin(), kKnown.end(), status, precedes);
  return at != kKnown.end() && at->klass == status.klass && at->subject == status.subject && at->first <= status.detail;
}

}  // namespace dsnwatch::core
