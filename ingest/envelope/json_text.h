#pragma once

#include <cstddef>
#include <string_view>

namespace dsnwatch::ingest {

/// Writes what a JSON string means (RFC 8259 section 7), given what stands between its quotes, to `out`, which has room
/// for `raw.size()` bytes: the meaning is never longer. Returns its length. A surrogate without its pair becomes
/// U+FFFD; bytes that are no UTF-8 stay; U+E080 … U+E0FF become the byte that they stand for (Fluent Bit writes bytes
/// that are no UTF-8 as U+E000 plus the byte); an escape that JSON does not know stands for its letter.
std::size_t decode_json_text(std::string_view raw, char* out);

/// Writes the bytes of an array of byte numbers ("[49,53]": a journal's field that is no UTF-8) to `out`, which has
/// room for `array.size()` bytes. False if it is none.
bool decode_byte_array(std::string_view array, char* out, std::size_t& size);

}  // namespace dsnwatch::ingest
