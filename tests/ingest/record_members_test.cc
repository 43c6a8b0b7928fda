// What is remembered of a record helps with the next one, and never changes what is read of it.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/envelope/record_fields.h"

namespace dsnwatch::ingest {
namespace {

/// Everything that was read of a record: the slots with their values, objects within included.
std::string read(RecordFields& fields, std::string_view record) {
  fields.clear();
  JsonScanner scanner(record);
  if (!fields.read_object(scanner)) return "no JSON";
  std::string all = "to " + std::to_string(scanner.place() - record.data());
  if (!fields.look_inside()) all += ", unreadable within";
  for (Slot slot = Slot::kConfiguredText; slot != Slot::kNone; slot = next(slot)) {
    if (!fields.has(slot)) continue;
    const JsonValue& value = fields.get(slot);
    all += " | " + std::to_string(static_cast<int>(slot)) + (value.escaped ? " escaped " : " ") +
           std::to_string(static_cast<int>(value.kind)) + " " + std::string(value.text);
  }
  return all + (fields.has_other_keys() ? " | others" : "");
}

std::string read_afresh(std::string_view record) {
  static const RecordKeys keys{EnvelopeKeys{}};
  RecordFields fresh(keys);
  return read(fresh, record);
}

void expect_as_afresh(const std::vector<std::string>& records) {
  static const RecordKeys keys{EnvelopeKeys{}};
  RecordFields fields(keys);
  for (const std::string& record : records) EXPECT_EQ(read(fields, record), read_afresh(record)) << record;
}

TEST(RecordMembers, AValueOfTheSameLengthIsReadAnew) {
  expect_as_afresh({R"({"host":{"name":"mta1"},"message":"a"})", R"({"host":{"name":"mta1"},"message":"b"})",
                    R"({"host":{"name":"mta2"},"message":"c"})", R"({"host":{"name":"mta2"},"message":"d"})",
                    R"({"host":"mta3","message":{"a":1}})", R"({"host":{"name":"mta4","x":{}},"message":"e"})"});
}

TEST(RecordMembers, ARecordThatEndsWithinWhatIsRememberedIsNoJson) {
  const std::string record = R"({"host":{"name":"mta1","ip":["192.0.2.1"]},"message":"a"})";
  std::vector<std::string> records = {record, record};
  for (std::size_t size = 0; size < record.size(); ++size) records.push_back(record.substr(0, size));
  records.push_back(record);
  expect_as_afresh(records);
}

TEST(RecordMembers, MoreKeysThanThereIsRoomForAreReadAllTheSame) {
  std::string many = "{", long_keys = "{";
  for (int i = 0; i < 200; ++i) {
    many += "\"key" + std::to_string(i) + "\":{\"a\":" + std::to_string(i) + "},";
    long_keys += "\"" + std::string(static_cast<std::size_t>(i), 'k') + "\":\"" + std::to_string(i) + "\",";
  }
  many += R"("message":"x"})";
  long_keys += R"("message":"x"})";
  expect_as_afresh({many, many, long_keys, many, long_keys, long_keys});
}

/// Any order, any kind of value, also none: as far as the same few keys go.
std::string any_record(std::mt19937& random) {
  constexpr std::string_view kNames[] = {"message", "host",
                                         "log",     "agent",
                                         "ecs",     "syslog.identifier",
                                         "stream",  "a key that is longer than any that says anything",
                                         "tag"};
  constexpr std::string_view kValues[] = {R"("text")",
                                          R"({"name":"mta1","hostname":"h"})",
                                          R"({"name":"mta2","hostname":"h"})",
                                          R"({"file":{"path":"/var/log/mail.log"},"offset":1})",
                                          R"(["a",{"b":"}"}])",
                                          "17",
                                          "null",
                                          R"("a\"b")",
                                          "{",
                                          ""};
  std::string record = "{";
  const std::size_t members = random() % 9;
  for (std::size_t i = 0; i < members; ++i) {
    if (i > 0) record += random() % 50 == 0 ? " , " : ",";
    record += '"' + std::string(kNames[random() % std::size(kNames)]) + (random() % 20 == 0 ? "\" :" : "\":");
    const std::size_t common = random() % 20 == 0 ? std::size(kValues) : std::size(kValues) - 2;
    record += kValues[random() % common];
  }
  return record + "}";
}

TEST(RecordMembers, AnyRecordsBehindEachOtherAreReadAsAfresh) {
  std::mt19937 random(7);
  std::vector<std::string> records;
  for (int i = 0; i < 30'000; ++i) {
    records.push_back(random() % 2 == 0 && !records.empty() ? records.back() : any_record(random));
  }
  expect_as_afresh(records);
}

}  // namespace
}  // namespace dsnwatch::ingest
