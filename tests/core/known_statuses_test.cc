#include <gtest/gtest.h>

#include <string_view>

#include "core/enhanced_status.h"

namespace dsnwatch::core {
namespace {

EnhancedStatus status(std::string_view text) {
  return parse_enhanced_status(text);
}

TEST(KnownStatuses, RegisteredAndVendorCodesAreKnown) {
  for (const std::string_view text :
       {"5.1.1", "5.1.10", "4.2.2", "5.7.1", "4.7.1", "5.7.26", "4.7.26", "5.0.0", "5.4.310", "5.7.515", "5.7.606",
        "5.7.649", "4.7.650", "5.7.900", "5.7.999", "4.4.316"}) {
    EXPECT_TRUE(is_known_status(status(text))) << text;
  }
}

TEST(KnownStatuses, InventedCodesAreNot) {
  for (const std::string_view text :
       {"5.1.77", "5.9.1", "4.0.1", "5.7.999999", "5.7.605", "5.7.650", "5.8.0", "5.999.999", "4.1.90"}) {
    EXPECT_FALSE(is_known_status(status(text))) << text;
  }
  EXPECT_FALSE(is_known_status(EnhancedStatus{}));
  EXPECT_FALSE(is_known_status(EnhancedStatus{2, 0, 0})) << "success is no rejection";
}

}  // namespace
}  // namespace dsnwatch::core
