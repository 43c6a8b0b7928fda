#include "ingest/correlate/correlator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace dsnwatch::ingest {
namespace {

/// Providers called p2, p3, ... by number; `order` says which stand in the file.
std::shared_ptr<const core::Providers> names(const std::vector<std::string>& order = {"p2", "p3", "p4"}) {
  std::vector<core::ProviderSpec> specs;
  for (const std::string& id : order) specs.emplace_back().id = id;
  return *core::Providers::build(specs, {});
}

Record fact(RecordKind kind, std::string_view queue_id, std::string_view host = "mx1") {
  Record record;
  record.kind = kind;
  record.attempt.host = host;
  record.attempt.queue_id = queue_id;
  return record;
}

Record sender(std::string_view queue_id, std::string_view address, std::string_view host = "mx1") {
  Record record = fact(RecordKind::kSender, queue_id, host);
  record.attempt.sender = address;
  record.attempt.has_sender = true;
  return record;
}

Record client(std::string_view queue_id, std::string_view ip, std::string_view account = {}) {
  Record record = fact(RecordKind::kClient, queue_id);
  record.attempt.client_ip = ip;
  record.attempt.account = account;
  return record;
}

core::Attempt attempt(std::string_view queue_id, std::string_view recipient,
                      core::AttemptResult result = core::AttemptResult::kDeferred, std::string_view host = "mx1") {
  core::Attempt made;
  made.host = host;
  made.queue_id = queue_id;
  made.recipient = recipient;
  made.result = result;
  return made;
}

/// "sender ip account id", "?" for an unknown sender.
std::string known(Correlator& correlator, std::string_view queue_id, std::string_view host = "mx1") {
  core::Attempt about = attempt(queue_id, "r@x.test", core::AttemptResult::kDelivered, host);
  correlator.enrich(about);
  std::string out = about.has_sender ? "<" + std::string(about.sender) + ">" : "?";
  for (std::string_view part : {about.client_ip, about.account, about.message_id})
    if (!part.empty()) out += " " + std::string(part);
  return out;
}

std::vector<std::string> expired(Correlator& correlator, std::string_view queue_id) {
  std::vector<std::string> out;
  for (const core::Attempt& one : correlator.expire(fact(RecordKind::kExpired, queue_id))) {
    EXPECT_EQ(one.result, core::AttemptResult::kExpired);
    out.emplace_back(one.recipient);
  }
  return out;
}

using Strings = std::vector<std::string>;

TEST(Correlator, AnAttemptGetsWhatOtherLinesSaid) {
  Correlator correlator{{}};
  correlator.learn(client("A1", "192.0.2.1", "user"));
  Record id = fact(RecordKind::kMessageId, "A1");
  id.attempt.message_id = "m@x.test";
  correlator.learn(id);
  correlator.learn(sender("A1", "s@x.test"));
  EXPECT_EQ(known(correlator, "A1"), "<s@x.test> 192.0.2.1 user m@x.test");
  EXPECT_EQ(known(correlator, "A2"), "?");
  EXPECT_EQ(known(correlator, "A1", "mx2"), "?") << "another host's queue id";
}

TEST(Correlator, TheNullSenderIsKnown) {
  Correlator correlator{{}};
  correlator.learn(sender("A1", ""));
  EXPECT_EQ(known(correlator, "A1"), "<>");
}

TEST(Correlator, WhatTheAttemptSaysItselfStays) {
  Correlator correlator{{}};
  correlator.learn(sender("A1", "s@x.test"));
  core::Attempt about = attempt("A1", "r@x.test");
  about.has_sender = true;
  about.sender = "own@x.test";
  correlator.enrich(about);
  EXPECT_EQ(about.sender, "own@x.test");
}

TEST(Correlator, MessageIdsAreKeptOnlyIfAskedFor) {
  Correlator correlator({.keep_message_ids = false});
  Record id = fact(RecordKind::kMessageId, "A1");
  id.attempt.message_id = "m@x.test";
  correlator.learn(id);
  EXPECT_EQ(known(correlator, "A1"), "?");
  EXPECT_TRUE(correlator.take_changes(*names()).empty());
}

TEST(Correlator, AQueueIdThatComesBackIsAnotherMail) {
  Correlator correlator{{}};
  correlator.learn(client("A1", "192.0.2.1"));
  correlator.learn(sender("A1", "s@x.test"));
  correlator.settle(attempt("A1", "r@x.test"), core::Cause::kGreylisted, 3);
  correlator.learn(client("A1", "192.0.2.2"));
  EXPECT_EQ(known(correlator, "A1"), "? 192.0.2.2");
  EXPECT_EQ(expired(correlator, "A1"), Strings{""});
}

TEST(Correlator, RemovedIsForgotten) {
  Correlator correlator{{}};
  correlator.learn(sender("A1", "s@x.test"));
  correlator.learn(fact(RecordKind::kRemoved, "A1"));
  correlator.learn(fact(RecordKind::kRemoved, "A1"));
  EXPECT_EQ(known(correlator, "A1"), "?");
}

TEST(Correlator, ExpiryNamesThoseWhoWaitWithTheirLastCause) {
  Correlator correlator{{}};
  correlator.learn(sender("A1", "s@x.test"));
  for (const char* recipient : {"a@x.test", "b@x.test", "c@x.test", "d@x.test"})
    correlator.settle(attempt("A1", recipient), core::Cause::kGreylisted, 3);
  correlator.settle(attempt("A1", "a@x.test", core::AttemptResult::kDelivered), core::Cause::kUnknown, 3);
  correlator.settle(attempt("A1", "b@x.test"), core::Cause::kMailboxFull, 4);
  correlator.settle(attempt("A1", "d@x.test", core::AttemptResult::kBounced), core::Cause::kSpam, 3);

  Record expiry = fact(RecordKind::kExpired, "A1");
  expiry.attempt.time_us = 5;
  expiry.attempt.line = 7;
  const auto all = correlator.expire(expiry);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].recipient, "b@x.test");
  EXPECT_EQ(all[0].last_cause, core::Cause::kMailboxFull);
  EXPECT_EQ(all[0].last_provider, 4);
  EXPECT_EQ(all[0].sender, "s@x.test");
  EXPECT_EQ(all[0].time_us, 5);
  EXPECT_EQ(all[0].line, 7u);
  EXPECT_EQ(all[0].result, core::AttemptResult::kExpired);
  EXPECT_EQ(all[1].recipient, "c@x.test");
  EXPECT_EQ(all[1].last_cause, core::Cause::kGreylisted);
  EXPECT_EQ(expired(correlator, "A1"), Strings{""}) << "nobody waits any more";
  EXPECT_EQ(expired(correlator, "A2"), Strings{""}) << "an id that is not known";
}

TEST(Correlator, LongTextsAndKeysAreWhole) {
  Correlator correlator{{}};
  for (std::size_t size : {1u, 39u, 40u, 41u, 64u, 65u, 87u, 88u, 89u, 176u, 177u, 500u, 2048u}) {
    const std::string text(size, 's'), host(std::min<std::size_t>(size, 400), 'h');
    correlator.learn(sender("A1", text, host));
    EXPECT_EQ(known(correlator, "A1", host), "<" + text + ">");
    correlator.settle(attempt("A1", text + "@x", core::AttemptResult::kDeferred, host), core::Cause::kSpam, 1);
    const auto all = correlator.expire(fact(RecordKind::kExpired, "A1", host));
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].recipient, size == 2048 ? "" : text + "@x");
  }
  correlator.learn(sender("A2", std::string(1 << 20, 's')));
  EXPECT_EQ(known(correlator, "A2"), "?") << "absurd, and not taken for the null sender";
  correlator.learn(sender("A3", "s@x.test", std::string(1 << 20, 'h')));
}

TEST(Correlator, TheOldestGoesAtTheLimit) {
  CorrelatorSettings settings;
  settings.memory = 256u << 10;
  Correlator correlator(settings);
  for (int i = 0; i < 20'000; ++i) {
    correlator.learn(sender("Q" + std::to_string(i), "someone@sender.test"));
    ASSERT_LE(correlator.memory_used(), settings.memory);
  }
  EXPECT_EQ(known(correlator, "Q19999"), "<someone@sender.test>");
  EXPECT_EQ(known(correlator, "Q0"), "?");
  EXPECT_GT(correlator.evicted_total(), 18'000u);
  EXPECT_LT(correlator.evicted_total(), 20'000u);
}

TEST(Correlator, OneMailCanNotTakeMoreThanTheLimit) {
  CorrelatorSettings settings;
  settings.memory = 128u << 10;
  Correlator correlator(settings);
  correlator.learn(sender("A1", "s@x.test"));
  for (int i = 0; i < 10'000; ++i)
    correlator.settle(attempt("A1", "recipient" + std::to_string(i) + "@x.test"), core::Cause::kSpam, 1);
  EXPECT_LE(correlator.memory_used(), settings.memory);
  EXPECT_EQ(known(correlator, "A1"), "<s@x.test>");
  EXPECT_GT(expired(correlator, "A1").size(), 500u);
}

/// The ledger's copy, as the daemon keeps it.
struct Stored {
  void apply(Correlator& correlator) {
    for (Correlator::Change& change : correlator.take_changes(*names())) {
      if (change.erase) {
        EXPECT_EQ(values.erase(change.key), 1u) << "only what is stored is erased";
      } else {
        values[change.key] = change.value;
      }
    }
  }
  void restore(Correlator& correlator) const {
    for (const auto& [key, value] : values) correlator.restore(key, value, *names());
  }
  std::map<std::string, std::string> values;
};

TEST(CorrelatorChanges, WhatLivedBetweenTwoCheckpointsOnlyIsNotAmongThem) {
  Correlator correlator{{}};
  correlator.learn(sender("A1", "s@x.test"));
  correlator.learn(fact(RecordKind::kRemoved, "A1"));
  EXPECT_TRUE(correlator.take_changes(*names()).empty());
  correlator.learn(sender("A1", "s@x.test"));
  EXPECT_EQ(correlator.take_changes(*names()).size(), 1u);
  EXPECT_TRUE(correlator.take_changes(*names()).empty());
}

TEST(CorrelatorChanges, TheSameSenderAgainIsNoChange) {
  Correlator correlator{{}};
  correlator.learn(sender("A1", "s@x.test"));
  correlator.settle(attempt("A1", "r@x.test"), core::Cause::kGreylisted, 3);
  correlator.take_changes(*names());
  correlator.learn(sender("A1", "s@x.test"));
  correlator.settle(attempt("A1", "r@x.test"), core::Cause::kGreylisted, 3);
  core::Attempt read = attempt("A1", "r@x.test");
  correlator.enrich(read);
  EXPECT_TRUE(correlator.take_changes(*names()).empty());
  correlator.settle(attempt("A1", "r@x.test"), core::Cause::kMailboxFull, 3);
  EXPECT_EQ(correlator.take_changes(*names()).size(), 1u);
}

TEST(CorrelatorChanges, ErasedAndBornAgainWithinOneCheckpoint) {
  Correlator correlator{{}};
  Stored stored;
  correlator.learn(sender("A1", "s@x.test"));
  stored.apply(correlator);
  correlator.learn(fact(RecordKind::kRemoved, "A1"));
  correlator.learn(sender("A1", "t@x.test"));
  stored.apply(correlator);
  Correlator again{{}};
  stored.restore(again);
  EXPECT_EQ(known(again, "A1"), "<t@x.test>");
}

TEST(CorrelatorChanges, EverythingComesBackAfterARestart) {
  Correlator before{{}};
  Stored stored;
  before.learn(client("A1", "192.0.2.1", "user"));
  before.learn(sender("A1", "s@x.test"));
  before.learn(sender("A2", ""));
  const std::string longer(300, 'r');
  before.settle(attempt("A1", "a@x.test"), core::Cause::kGreylisted, 3);
  before.settle(attempt("A1", longer), core::Cause::kMailboxFull, core::kNoProvider);
  stored.apply(before);
  Correlator after{{}};
  stored.restore(after);
  EXPECT_TRUE(after.take_changes(*names()).empty());
  EXPECT_EQ(known(after, "A1"), "<s@x.test> 192.0.2.1 user");
  EXPECT_EQ(known(after, "A2"), "<>");
  const auto all = after.expire(fact(RecordKind::kExpired, "A1"));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].last_cause, core::Cause::kGreylisted);
  EXPECT_EQ(all[0].last_provider, 3);
  EXPECT_EQ(all[1].recipient, longer);
  stored.apply(after);
  after.learn(fact(RecordKind::kRemoved, "A1"));
  after.learn(fact(RecordKind::kRemoved, "A2"));
  stored.apply(after);
  EXPECT_TRUE(stored.values.empty());
}

TEST(CorrelatorChanges, ProvidersThatChangedAreFoundByName) {
  Correlator before{{}};
  before.settle(attempt("A1", "a@x.test"), core::Cause::kGreylisted, 3);
  before.settle(attempt("A1", "b@x.test"), core::Cause::kGreylisted, 2);
  before.settle(attempt("A1", "c@x.test"), core::Cause::kGreylisted, core::kInternalProvider);
  const auto change = before.take_changes(*names()).at(0);
  const auto changed = names({"new", "p3"});
  Correlator after{{}};
  after.restore(change.key, change.value, *changed);
  const auto all = after.expire(fact(RecordKind::kExpired, "A1"));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(changed->id(all[0].last_provider), "p3");
  EXPECT_EQ(all[1].last_provider, core::kNoProvider) << "p2 is gone, and its number names another one";
  EXPECT_EQ(all[2].last_provider, core::kInternalProvider);
}

TEST(CorrelatorChanges, NumbersOfAnEarlierVersionAreNotTrusted) {
  // Version 1: no sender; four empty texts; then address, cause and provider number.
  const std::string value(
      "\x01\0\0\0\0\0\x08"
      "a@x.test\x05\x03",
      17);
  Correlator source{{}};
  source.settle(attempt("A1", "a@x.test"), core::Cause::kGreylisted, 3);
  const std::string key = source.take_changes(*names()).at(0).key;
  Correlator after{{}};
  after.restore(key, value, *names());
  const auto all = after.expire(fact(RecordKind::kExpired, "A1"));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].recipient, "a@x.test");
  EXPECT_EQ(all[0].last_cause, static_cast<core::Cause>(5));
  EXPECT_EQ(all[0].last_provider, core::kNoProvider);
}

TEST(CorrelatorChanges, JunkIsNotRestored) {
  Correlator source{{}};
  source.learn(client("A1", "192.0.2.1", "user"));
  source.learn(sender("A1", "s@x.test"));
  source.settle(attempt("A1", "a@x.test"), core::Cause::kGreylisted, 3);
  const auto change = source.take_changes(*names()).at(0);
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 3'000; ++round) {
    std::string key = change.key, value = change.value;
    for (std::string* text : {&key, &value}) {
      if (random() % 3 == 0) text->resize(random() % (text->size() + 1));
      if (!text->empty() && random() % 2 == 0) (*text)[random() % text->size()] = static_cast<char>(random());
    }
    Correlator correlator{{.memory = 64u << 10}};
    correlator.restore(key, value, *names());
    correlator.restore(value, key, *names());
    expired(correlator, "A1");
  }
  Correlator correlator{{}};
  correlator.restore("mx1", change.value, *names());
  correlator.restore(change.key, "", *names());
  correlator.restore(change.key, "\x03" + change.value.substr(1), *names());
  correlator.restore(change.key, change.value.substr(0, change.value.size() - 1), *names());
  EXPECT_EQ(known(correlator, "A1"), "?");
  correlator.restore(change.key, change.value, *names());
  EXPECT_EQ(known(correlator, "A1"), "<s@x.test> 192.0.2.1 user");
}

/// A plain model of the same promises beside the real one, under random operations and a memory that is large enough.
TEST(Correlator, AgreesWithAPlainModel) {
  struct Mail {
    std::string from = "?";
    std::vector<std::string> waiting;
  };
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<std::string, Mail> model;
  Correlator correlator{{}};
  Stored stored;
  for (int round = 0; round < 30'000; ++round) {
    const std::string id = "Q" + std::to_string(random() % 300);
    const std::string recipient = "r" + std::to_string(random() % 40) + std::string(random() % 2 * 90, 'x');
    auto& waiting = model[id].waiting;
    switch (random() % 8) {
      case 0:
        correlator.learn(client(id, "192.0.2.1"));
        model[id] = {};
        break;
      case 1:
        correlator.learn(sender(id, recipient));
        model[id].from = "<" + recipient + ">";
        break;
      case 2:
      case 3:
      case 4:
        correlator.settle(attempt(id, recipient), core::Cause::kSpam, 1);
        if (std::find(waiting.begin(), waiting.end(), recipient) == waiting.end()) waiting.push_back(recipient);
        break;
      case 5:
        correlator.settle(attempt(id, recipient, core::AttemptResult::kBounced), core::Cause::kSpam, 1);
        std::erase(waiting, recipient);
        break;
      case 6:
        if (random() % 4 != 0) break;
        ASSERT_EQ(expired(correlator, id), waiting.empty() ? Strings{""} : waiting);
        waiting.clear();
        break;
      default:
        correlator.learn(fact(RecordKind::kRemoved, id));
        model.erase(id);
        break;
    }
    const auto found = model.find(id);
    ASSERT_EQ(known(correlator, id).substr(0, known(correlator, id).find(" 192")),
              found == model.end() ? "?" : found->second.from);
    if (round % 500 == 0) stored.apply(correlator);
  }
  stored.apply(correlator);
  Correlator again{{}};
  stored.restore(again);
  for (const auto& [id, mail] : model) {
    EXPECT_EQ(known(again, id).substr(0, known(again, id).find(" 192")), mail.from);
    EXPECT_EQ(expired(again, id), mail.waiting.empty() ? Strings{""} : mail.waiting);
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
