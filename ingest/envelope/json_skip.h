#pragma once

namespace dsnwatch::ingest {

/// Behind the closing bracket of the JSON array or object that begins at `begin`, or nullptr if it does not end before
/// `end`. Brackets and braces are not told apart; what stands between them is not judged.
const char* skip_json_container(const char* begin, const char* end);

/// The same without AVX2, so that tests see both.
const char* skip_json_container_on_old_machines(const char* begin, const char* end);

}  // namespace dsnwatch::ingest
