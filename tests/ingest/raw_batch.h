#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/source/followed_file.h"

namespace dsnwatch::ingest {

/// Bytes as Kafka's protocol has them.
class ProtocolText {
 public:
  template <std::integral Integer>
  ProtocolText& add(Integer value) {
    for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
      text_ += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xff);
    }
    return *this;
  }
  ProtocolText& add(std::string_view text) {
    text_ += text;
    return *this;
  }
  ProtocolText& add_name(std::string_view name) { return add(static_cast<std::int16_t>(name.size())).add(name); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A batch of `count` messages as a producer may send it (layout 2), its records being whatever is given. `codec`: 0
/// none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. The checksum is wrong.
inline std::string raw_batch(std::int16_t codec, std::int32_t count, std::string_view records) {
  ProtocolText body;
  body.add(std::int32_t{0}).add(std::int8_t{2}).add(std::int32_t{0x1234}).add(codec).add(count - 1);
  body.add(std::int64_t{1}).add(std::int64_t{1}).add(std::int64_t{-1}).add(std::int16_t{-1}).add(std::int32_t{-1});
  body.add(count).add(records);
  ProtocolText batch;
  batch.add(std::int64_t{0}).add(static_cast<std::int32_t>(body.text().size())).add(body.text());
  return batch.text();
}

/// Sends it to the first broker ("127.0.0.1:PORT") by a request of its own, since a producer sends only what is right.
/// The mock broker stores batches as they come.
inline void produce_raw(const std::string& brokers, std::string_view topic, std::int32_t partition,
                        const std::string& batch) {
  ProtocolText request;
  request.add(std::int16_t{0}).add(std::int16_t{7}).add(std::int32_t{1}).add_name("raw");  // Produce, version 7.
  request.add(std::int16_t{-1}).add(std::int16_t{1}).add(std::int32_t{10'000});
  request.add(std::int32_t{1}).add_name(topic).add(std::int32_t{1}).add(partition);
  request.add(static_cast<std::int32_t>(batch.size())).add(batch);
  ProtocolText framed;
  framed.add(static_cast<std::int32_t>(request.text().size())).add(request.text());

  const std::size_t colon = brokers.find(':');
  std::uint16_t port = 0;
  std::from_chars(brokers.data() + colon + 1, brokers.data() + brokers.size(), port);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ASSERT_EQ(::inet_pton(AF_INET, brokers.substr(0, colon).c_str(), &address.sin_addr), 1);
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::write(socket.get(), framed.text().data(), framed.text().size()),
            static_cast<ssize_t>(framed.text().size()));
  // Size, correlation, topics, the name, partitions, the number, then the error.
  const std::size_t error_at = 4 + 4 + 4 + 2 + topic.size() + 4 + 4;
  std::array<char, 256> answer{};
  std::size_t got = 0;
  while (got < error_at + 2) {
    const ssize_t more = ::read(socket.get(), answer.data() + got, answer.size() - got);
    ASSERT_GT(more, 0);
    got += static_cast<std::size_t>(more);
  }
  ASSERT_EQ(answer[error_at] << 8 | answer[error_at + 1], 0) << "the broker refused the batch";
}

}  // namespace dsnwatch::ingest
