#include "exporters/http/accept_encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace dsnwatch::exporters {
namespace {

struct Case {
  const char* name;
  const char* header;
  bool gzip;
};

class PrefersGzip : public ::testing::TestWithParam<Case> {};

TEST_P(PrefersGzip, Decides) {
  EXPECT_EQ(prefers_gzip(GetParam().header), GetParam().gzip);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, PrefersGzip,
    ::testing::Values(Case{"Empty", "", false}, Case{"Plain", "gzip", true}, Case{"OldName", "x-gzip", true},
                      Case{"Capitals", "GZip;Q=1", true}, Case{"List", "deflate, gzip, br", true},
                      Case{"OnlyOthers", "deflate, br", false}, Case{"SimilarName", "gzipped, agzip", false},
                      Case{"Zero", "gzip;q=0", false}, Case{"ZeroInFull", "gzip; q=0.000", false},
                      Case{"Small", "gzip;q=0.001", true}, Case{"Star", "*", true}, Case{"StarZero", "*;q=0", false},
                      Case{"StarButNotGzip", "gzip;q=0, *", false}, Case{"NotStarButGzip", "*;q=0, gzip", true},
                      Case{"IdentityPreferred", "gzip;q=0.5, identity;q=0.8", false},
                      Case{"IdentityByStarPreferred", "gzip;q=0.5, *", false},
                      Case{"IdentityBehind", "identity;q=0.1, gzip;q=0.5", true},
                      Case{"Equal", "identity;q=0.5,gzip;q=0.5", true}, Case{"Blanks", " \tgzip\t; q = 0.5 ", true},
                      Case{"OtherParameter", "gzip;level=9;q=0", false}, Case{"BadQuality", "gzip;q=much", false},
                      Case{"TooLarge", "gzip;q=1.5", false}, Case{"Negative", "gzip;q=-1", false},
                      Case{"TooLong", "gzip;q=0.5000", false}, Case{"EmptyParts", ",,;,gzip,;q=0", true},
                      Case{"OnlySeparators", ",;=,;;==", false}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace dsnwatch::exporters
