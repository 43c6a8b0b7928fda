#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dsnwatch::ingest {

/// A token for OAUTHBEARER, with what librdkafka wants to know of it. The signature is the broker's to check.
struct OAuthToken {
  std::string text;
  std::string principal;        ///< "sub"; "dsnwatch" where the token names nobody.
  std::int64_t expires_ms = 0;  ///< "exp", Unix milliseconds.
};

/// `text`: a JWT in its compact form, white space around it. Errors never hold any of it.
core::Result<OAuthToken> parse_oauth_token(std::string_view text, std::int64_t now_ms);

/// The same from a file; the path is in the error.
core::Result<OAuthToken> read_oauth_token(const std::string& path, std::int64_t now_ms);

}  // namespace dsnwatch::ingest
