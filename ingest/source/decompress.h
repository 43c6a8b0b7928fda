#pragma once

#include "core/result.h"
#include "ingest/source/byte_input.h"
#include "ingest/source/line_blocks.h"

namespace dsnwatch::ingest {

/// Unpack an input to its end and hand its whole lines on, an unfinished last one only where the data are sound. The
/// error of broken or cut data says so; what came before it has been handed on.

/// gzip (RFC 1952): concatenated members are one file; zero padding and other bytes behind the last member are ignored,
/// as gzip does.
core::Result<void> read_gzip(ByteInput& input, LineBlocks& blocks, BlockSink& sink);

/// zstd (RFC 8878): any number of frames, skippable ones included.
core::Result<void> read_zstd(ByteInput& input, LineBlocks& blocks, BlockSink& sink);

/// How a packed file is told by its first bytes.
inline constexpr std::size_t kMagicSize = 10;
bool is_gzip(std::string_view start);
bool is_zstd(std::string_view start);

/// The command that unpacks a kind that dsnwatch does not ("xz -dc"), or empty.
std::string_view foreign_unpacker(std::string_view start);

}  // namespace dsnwatch::ingest
