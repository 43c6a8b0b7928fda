#!/usr/bin/env python3
"""dsnwatch members of a consumer group at a real Apache Kafka broker, which this starts and ends: every total is compared with
that of the same lines in a file. Needs Java, Maven (for the broker's jars), OpenSSL and kcat; run by `make test-extra`.

Usage: tests/e2e/kafka_extra.py --binary DSNWATCH [--lines N] [--newer-library FILE] [TEST...]
(500,000 lines; 2,000,000 with DSNWATCH_LONG=1)
"""
import argparse
import base64
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

from kafka_broker import PASSWORD, USER, Broker
from kafka_members import Member, SlowProducer, counts, difference, peak_of, together
from running_daemon import RunningDaemon, parse, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = LINES = NEWER_LIBRARY = None


def keyed(line, wrapped):
    """KEY TAB VALUE, the key being the queue id, so that one partition gets all lines of a message."""
    key = line.split(None, 6)[5]
    if wrapped:
        line = json.dumps({"@timestamp": "2026-11-22T00:00:00Z", "host": {"name": "mta1"},
                           "message": line.decode().rstrip("\n")}).encode() + b"\n"
    return key + b"\t" + line


class KafkaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="dsnwatch-kafka-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.broker = Broker(cls.folder)
        cls.broker.start()
        cls.addClassCleanup(lambda: cls.broker.stop())
        log = cls.folder + "/mail.log"
        subprocess.run([sys.executable, ROOT + "/bench/genlog.py", "--lines", str(LINES), "--out", log, "--truth",
                        cls.folder + "/truth.json"], check=True, stdout=subprocess.DEVNULL)
        with open(log, "rb") as text:
            cls.lines = text.readlines()
        cls.truth = cls.count_file(log)
        cls.raw = [keyed(line, False) for line in cls.lines]

    @classmethod
    def count_file(cls, log):
        """What the daemon counts of the same lines in a file, which genlog's own truth confirms."""
        daemon = RunningDaemon(BINARY, "--start", "beginning", "--listen", "127.0.0.1:0", "--birth-hold", "0s", log,
                               log=cls.folder + "/file.stderr")
        wanted = f"}} {len(cls.lines)}\n"
        wait_for("the file", lambda: "" if wanted in daemon.fetch() else "not read", 120)
        found = counts(parse(daemon.fetch()))
        daemon.kill()
        with open(cls.folder + "/truth.json", encoding="utf-8") as text:
            attempts = json.load(text)["attempts"]
        for result in ("delivered", "bounced"):
            total = sum(value for (name, labels), value in found.items()
                        if name == "dsnwatch_attempts_total" and ("result", result) in labels)
            if total != attempts[result]:
                raise AssertionError(f"{result}: {total} not {attempts[result]}")
        return found

    def setUp(self):
        self.name = self.id().split(".test_")[-1]
        self.members = []
        self.addCleanup(lambda: [member.kill() for member in self.members])

    def member(self, number=0, **keys):
        keys.setdefault("brokers", self.broker.plaintext)
        keys.setdefault("topics", [self.name])
        folder = f"{self.folder}/{self.name}-{number}"
        member = Member(BINARY, folder, group=self.name, **keys)
        self.members.append(member)
        return member

    def wait_for(self, problem, seconds):
        """A failure tells apart what the broker never got, what nobody read, and what was read and not counted."""
        try:
            wait_for(self.name, problem, seconds)
        except AssertionError as error:
            shares = self.broker.groups("--describe", "--group", self.name)
            said = "".join(f"\nmember {number}: {member.said()[-3000:]}" for number, member in enumerate(self.members))
            raise AssertionError(f"{error}\nof {len(self.lines)} lines the broker has: {shares}{said}") from error

    def wait_for_totals(self, members, wanted, seconds=180, ended=()):
        def problem():
            for member in members:
                member.scrape()
            return difference(together([*members, *ended]), wanted)
        self.wait_for(problem, seconds)

    def wait_for_lines(self, members, least, seconds=120):
        def problem():
            lines = 0
            for member in members:
                member.scrape()
                lines += member.health("dsnwatch_source_lines_total")
            return "" if lines >= least else f"{lines} lines"
        self.wait_for(problem, seconds)

    def partitions(self, members):
        owned = []
        for member in members:
            member.scrape()
            owned.append(member.health("dsnwatch_kafka_assigned_partitions"))
        return owned

    def fill(self):
        """The whole log: raw and wrapped, in all four codecs."""
        quarter = len(self.lines) // 4 + 1
        for number, codec in enumerate(("none", "gzip", "lz4", "zstd")):
            piece = self.lines[number * quarter:(number + 1) * quarter]
            self.broker.produce(self.name, b"".join(keyed(line, number % 2 == 1) for line in piece), codec)

    def test_one_member_counts_what_the_file_holds(self):
        self.broker.make_topic(self.name)
        self.fill()
        one = self.member().start()
        self.wait_for_totals([one], self.truth)
        self.assertEqual(one.health("dsnwatch_kafka_assigned_partitions"), 12)
        self.assertEqual(one.health("dsnwatch_kafka_lag_messages"), 0)
        self.assertEqual(one.health("dsnwatch_kafka_messages_lost_total"), 0)
        wait_for("offsets", lambda: "" if sum(self.broker.committed(self.name).values()) == len(self.lines) else "behind")

    def test_three_members_count_what_the_file_holds(self):
        self.broker.make_topic(self.name)
        self.fill()
        three = [self.member(number).start() for number in range(3)]
        self.wait_for_totals(three, self.truth)
        wait_for("shares", lambda: "" if sorted(self.partitions(three)) == [4, 4, 4] else str(self.partitions(three)), 60)
        self.wait_for_totals(three, self.truth)

    def test_members_that_come_and_go_while_lines_arrive(self):
        self.broker.make_topic(self.name)
        producer = SlowProducer(self.broker, self.name, self.raw, rate=len(self.raw) // 24)
        first, second = self.member(0, linger="3s").start(), self.member(1).start()
        producer.start()
        self.wait_for_lines([first, second], len(self.raw) // 6)
        third = self.member(2).start()
        wait_for("shares", lambda: "" if all(self.partitions([first, second, third])) else "none", 60)
        self.assertTrue(producer.is_alive(), "the lines ended before the members had changed")
        self.assertEqual(first.end(), 0)
        producer.join()
        self.wait_for_totals([second, third], self.truth, ended=[first])

    def test_a_killed_member_that_comes_back_counts_nothing_twice(self):
        self.broker.make_topic(self.name)
        producer = SlowProducer(self.broker, self.name, self.raw, rate=len(self.raw) // 12)
        two = [self.member(number).start() for number in range(2)]
        producer.start()
        for part in range(2, 6):
            self.wait_for_lines(two[1:], len(self.raw) // 30)
            two[0].kill()
            time.sleep(0.2 * part)
            two[0].start()
        producer.join()
        self.wait_for_totals(two, self.truth)

    def test_a_member_lost_for_good_costs_at_most_an_interval(self):
        self.broker.make_topic(self.name)
        rate = 50_000
        producer = SlowProducer(self.broker, self.name, self.raw, rate=min(rate, len(self.raw) // 6))
        two = [self.member(number).start() for number in range(2)]
        wait_for("shares", lambda: "" if all(self.partitions(two)) else "none", 60)
        producer.start()
        self.wait_for_lines(two, len(self.raw) // 3)
        two[0].scrape()
        two[0].kill()
        producer.join()
        self.wait_for_lines(two[1:], 1)
        wait_for("all partitions", lambda: "" if self.partitions(two[1:]) == [12] else str(self.partitions(two[1:])), 60)
        wait_for("the lag", lambda: two[1].scrape() and two[1].health("dsnwatch_kafka_lag_messages") or "", 60)
        # What the dead one's ledger holds is what it would show next; its last scrape is at most that.
        ledger = RunningDaemon(BINARY, "--state-dir", two[0].folder + "/state", "--listen", "127.0.0.1:0", "--birth-hold",
                               "0s", self.folder + "/none", log=self.folder + "/ledger.stderr")
        held = counts(parse(ledger.fetch()))
        ledger.kill()

        def attempts(found):
            return sum(value for (name, _), value in found.items() if name == "dsnwatch_attempts_total")
        over = attempts(held) + attempts(two[1].last) - attempts(self.truth)
        share = attempts(self.truth) / len(self.lines)
        print(f"  lost for good: {over:.0f} attempts counted twice, of {attempts(self.truth):.0f}; an interval of 1 s at "
              f"{rate} lines/s holds {rate * share:.0f}")
        self.assertGreaterEqual(over, 0, "attempts were lost")
        self.assertLessEqual(over, 2 * rate * share)

    def test_a_broker_that_dies_and_comes_back(self):
        self.broker.make_topic(self.name)
        half = len(self.raw) // 2
        one = self.member().start()
        self.broker.produce(self.name, b"".join(self.raw[:half]))
        self.wait_for_lines([one], half // 2)
        self.broker.kill()
        wait_for("the problem", lambda: one.scrape() and one.health("dsnwatch_source_up") and "still up" or "", 30)
        time.sleep(20)
        one.scrape()
        self.assertEqual(one.said().count("kafka can't be read"), 1)
        self.broker.start()
        self.broker.produce(self.name, b"".join(self.raw[half:]))
        self.wait_for_totals([one], self.truth)
        wait_for("up", lambda: one.scrape() and ("" if one.health("dsnwatch_source_up") else "not up"), 30)
        self.assertGreater(one.health("dsnwatch_kafka_errors_total"), 0)
        self.assertIn("kafka can be read again", one.said())

    def test_a_partition_that_is_added_is_read_whole(self):
        self.broker.make_topic(self.name, 3)
        half = len(self.raw) // 2
        one = self.member().start()
        self.wait_for_lines([one], 0)
        wait_for("shares", lambda: "" if self.partitions([one]) == [3] else "none", 30)
        self.broker.produce(self.name, b"".join(self.raw[:half]))
        self.broker.topic("--alter", "--topic", self.name, "--partitions", "4")
        # Round robin, so that the new one gets its share; what correlates is of no interest here.
        self.broker.produce(self.name, b"".join(self.raw[half:]), partitioner="random")
        self.wait_for_lines([one], len(self.raw))
        time.sleep(2)
        one.scrape()
        self.assertEqual(one.health("dsnwatch_source_lines_total"), len(self.raw))
        self.assertEqual(one.health("dsnwatch_kafka_assigned_partitions"), 4)

    def read_a_tenth(self, partitions):
        """Makes the topic and lets a member read the first lines of it: how many, and the member."""
        self.broker.make_topic(self.name, partitions)
        some = len(self.raw) // 10
        one = self.member().start()
        self.broker.produce(self.name, b"".join(self.raw[:some]))
        self.wait_for_lines([one], some)
        return some, one

    def test_a_topic_made_anew_is_read_from_its_beginning(self):
        some, one = self.read_a_tenth(partitions=2)
        one.kill()
        self.broker.topic("--delete", "--topic", self.name)
        self.broker.make_topic(self.name, 2)
        self.broker.produce(self.name, b"".join(self.raw[:3 * some]))  # Longer than the old one.
        one.start()
        self.wait_for_lines([one], 3 * some)
        time.sleep(2)
        one.scrape()
        self.assertEqual(one.health("dsnwatch_source_lines_total"), 3 * some)

    def test_what_retention_removed_is_counted_as_lost(self):
        some, one = self.read_a_tenth(partitions=1)
        self.assertEqual(one.daemon.terminate(), 0)
        self.broker.produce(self.name, b"".join(self.raw[:some]))
        records = self.folder + "/delete.json"
        with open(records, "w", encoding="utf-8") as out:
            json.dump({"partitions": [{"topic": self.name, "partition": 0, "offset": some + 1000}], "version": 1}, out)
        self.broker.java("org.apache.kafka.tools.DeleteRecordsCommand", "--bootstrap-server", self.broker.plaintext,
                         "--offset-json-file", records)
        one.start()
        self.wait_for_lines([one], some - 1000)
        wait_for("lost", lambda: one.scrape() and ("" if one.health("dsnwatch_kafka_messages_lost_total") == 1000 else
                                                   str(one.health("dsnwatch_kafka_messages_lost_total"))))
        self.assertEqual(one.health("dsnwatch_source_lines_total"), some - 1000)

    def read_rotten(self, codec, number, rot, seconds, **keys):
        """A member reads a topic of which a batch rotted on the broker's disk."""
        self.broker.make_topic(self.name, 1)
        some = len(self.raw) // 10
        self.broker.produce(self.name, b"".join(self.raw[:some]), codec)
        self.broker.stop()
        gone = self.broker.rot(self.name, number, rot)
        self.broker.start()
        one = self.member(codec, **keys).start()
        self.wait_for_lines([one], some - gone, seconds)
        wait_for("the lag", lambda: one.scrape() and one.health("dsnwatch_kafka_lag_messages") or "", 30)
        self.assertEqual(one.health("dsnwatch_source_lines_total"), some - gone)
        self.assertEqual(one.health("dsnwatch_kafka_poison_total"), gone)
        self.assertEqual(one.said().count("a batch that can't be read was skipped"), 1, one.said())
        self.assertIn(f"of which {gone} will not be counted", one.said())
        self.assertEqual(one.daemon.terminate(), 0)

    def test_a_batch_that_cannot_be_decompressed_is_skipped(self):
        self.read_rotten("zstd", 1, lambda records: b"no zstd" + records[7:], 60)

    def test_a_batch_whose_checksum_is_wrong_is_skipped(self):
        self.read_rotten("none", 2, lambda records: records[:500] + b"#" + records[501:], 60,
                         properties={"check.crcs": True})

    def test_a_batch_that_librdkafka_says_nothing_of_is_skipped(self):
        # Its first record claims to begin before its head.
        self.read_rotten("none", 1, lambda records: b"\x7f" * 40 + records[40:], 150)

    def test_an_offset_that_an_operator_moved_wins(self):
        some, one = self.read_a_tenth(partitions=1)
        self.assertEqual(one.daemon.terminate(), 0)
        wait_for("an empty group", lambda: self.broker.groups("--describe", "--group", self.name, "--state")
                 .count("Empty") != 1 and "has members", 30)
        self.broker.groups("--group", self.name, "--topic", self.name, "--reset-offsets", "--to-offset", str(some - 500),
                           "--execute")
        one.start()
        self.wait_for_lines([one], 500)
        time.sleep(2)
        one.scrape()
        self.assertEqual(one.health("dsnwatch_source_lines_total"), 500)

    def check(self, member):
        os.makedirs(member.folder + "/state", exist_ok=True)
        done = subprocess.run([BINARY, "config", "check", "--connect", "--config", member.config], capture_output=True,
                              text=True, timeout=60)
        return done.returncode, done.stderr

    def produce_some(self):
        """A thousand lines in one partition, and properties for SASL without a password."""
        self.broker.make_topic(self.name, 1)
        self.broker.produce(self.name, b"".join(self.raw[:1000]))
        return {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": "PLAIN", "sasl.username": USER}

    def expect_let_in(self, number, brokers, properties, **keys):
        member = self.member(number, brokers=brokers, properties=properties, **keys)
        self.assertEqual(self.check(member), (0, ""))
        member.start()
        self.wait_for_lines([member], 1000)
        wait_for("up", lambda: member.scrape() and ("" if member.health("dsnwatch_source_up") else member.said()), 30)
        self.assertEqual(member.daemon.terminate(), 0)
        return member

    def expect_refused(self, number, brokers, properties, why, **keys):
        member = self.member(number, brokers=brokers, properties=properties, **keys)
        status, said = self.check(member)
        self.assertEqual(status, 1, said)
        self.assertIn(why, said)
        member.start()
        wait_for("what is wrong", lambda: "" if why in member.said() else member.said(), 30)
        member.scrape()
        self.assertEqual(member.health("dsnwatch_source_up"), 0)
        wait_for("the metric", lambda: member.scrape() and member.health("dsnwatch_kafka_errors_total") == 0 and "none")
        self.assertNotIn("wrong-secret", member.said() + said)
        self.assertNotIn(PASSWORD, member.said() + said)
        self.assertEqual(member.daemon.terminate(60), 0)

    def test_who_is_let_in_and_what_is_said_to_others(self):
        sasl = self.produce_some()
        secret = self.folder + "/secret"
        with open(secret, "w", encoding="utf-8") as out:
            out.write(PASSWORD + "\n")
        self.expect_let_in("plain", self.broker.sasl, {**sasl, "sasl.password": {"file": secret}})
        tls = {"security.protocol": "SSL", "ssl.ca.location": self.broker.ca}
        # Another group, since the first has read all.
        self.name += "-tls"
        self.broker.make_topic(self.name, 1)
        self.broker.produce(self.name, b"".join(self.raw[:1000]))
        self.expect_let_in("tls", self.broker.tls, tls)
        self.expect_refused("wrong", self.broker.sasl, {**sasl, "sasl.password": "wrong-secret"}, "uthentication failed")
        self.expect_refused("unknown-ca", self.broker.tls, {"security.protocol": "SSL"}, "certificate verify failed")
        member = self.member("unknown", topics=["no-such-topic"])
        status, said = self.check(member)
        self.assertEqual(status, 1, said)
        self.assertIn("no-such-topic", said)
        member.start()
        wait_for("the topic", lambda: "" if "no-such-topic" in member.said() else member.said(), 30)

    def test_oauthbearer_with_a_token_out_of_a_file(self):
        self.produce_some()
        sasl = {"security.protocol": "SASL_PLAINTEXT"}
        path = self.folder + "/token"
        keys = {"oauthbearer": {"token_file": path}}
        self.expect_refused("missing", self.broker.sasl, sasl, path + ": No such file", **keys)
        self.write_token(path, {"sub": USER, "exp": time.time() - 100})
        self.expect_refused("expired", self.broker.sasl, sasl, "a token that expired 10", **keys)
        # Good for us; the broker says what it does not like.
        self.write_token(path, {"exp": time.time() + 3600})
        self.expect_refused("nobody", self.broker.sasl, sasl, "invalid_token", **keys)
        self.write_token(path, {"sub": USER, "exp": time.time() - 100})
        one = self.member("renewed", brokers=self.broker.sasl, properties=sasl, **keys).start()
        wait_for("what is wrong", lambda: "" if "expired" in one.said() else one.said(), 30)
        self.write_token(path, {"sub": USER, "exp": time.time() + 20})
        self.wait_for_lines([one], 1000, 60)
        wait_for("up", lambda: one.scrape() and ("" if one.health("dsnwatch_source_up") else one.said()), 30)
        # The next one is taken up while it runs; the broker ends connections whose token ran out.
        self.write_token(path, {"sub": USER, "exp": time.time() + 3600})
        time.sleep(30)
        self.broker.produce(self.name, b"".join(self.raw[:500]))
        self.wait_for_lines([one], 1500, 60)
        self.assertEqual(one.daemon.terminate(), 0)

    def write_token(self, path, claims):
        """As nobody signs it (RFC 7519, section 6); put there in one go, as Kubernetes does."""
        parts = [json.dumps(part).encode() for part in ({"alg": "none"}, {**claims, "iat": claims["exp"] - 3600})]
        with open(path + ".new", "wb") as out:
            out.write(b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts) + b".\n")
        os.replace(path + ".new", path)

    def test_scram_with_a_newer_library(self):
        if NEWER_LIBRARY is None:
            self.skipTest("without --newer-library")
        scram = {**self.produce_some(), "sasl.mechanisms": "SCRAM-SHA-256"}
        right, wrong = {**scram, "sasl.password": PASSWORD}, {**scram, "sasl.password": "wrong-secret"}
        with unittest.mock.patch.dict(os.environ, LD_PRELOAD=NEWER_LIBRARY):
            self.expect_let_in("right", self.broker.sasl, right)
            self.expect_refused("wrong", self.broker.sasl, wrong, "uthentication failed")
            self.assertNotIn("librdkafka 2", self.check(self.members[-1])[1])
        if ctypes.CDLL("librdkafka.so.1").rd_kafka_version() < 0x02060100:
            self.expect_refused("old", self.broker.sasl, right, "Use librdkafka 2.6.1 or newer")

    def test_memory_stays_bounded_while_the_ledger_cannot_be_written(self):
        """200 partitions, all behind; the file system gives the ledger no room, so that no checkpoint succeeds."""
        self.broker.make_topic(self.name, 200)
        for codec in ("none", "zstd"):
            self.broker.produce(self.name, b"".join(self.raw), codec)
        one = self.member().start()
        pid = one.daemon.process.pid
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (16384, resource.RLIM_INFINITY))
        wait_for("a failure", lambda: one.scrape() and not one.health("dsnwatch_checkpoint_failures_total") and "none", 60)
        wait_for("partitions", lambda: "partitions assigned" not in one.said() and "none", 60)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            one.scrape()
            time.sleep(0.5)
        peak = peak_of(pid)
        print(f"  peak with 200 partitions behind and the checkpoint held up: {peak:.0f} MiB")
        self.assertLess(peak, 200)
        self.assertEqual(sum(self.broker.committed(self.name).values()), 0, "what is not durable was committed")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.wait_for_totals([one], {series: 2 * count for series, count in self.truth.items()})
        self.assertEqual(one.health("dsnwatch_kafka_assigned_partitions"), 200)
        print(f"  peak when all was read: {peak_of(pid):.0f} MiB")
        self.assertLess(peak_of(pid), 200)


def main():
    global BINARY, LINES, NEWER_LIBRARY
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--lines", type=int, default=2_000_000 if os.environ.get("DSNWATCH_LONG") else 500_000)
    parser.add_argument("--newer-library", help="a librdkafka from 2.6.1 on, to be preloaded (scripts/newer_librdkafka)")
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()
    BINARY, LINES = os.path.abspath(arguments.binary), arguments.lines
    NEWER_LIBRARY = arguments.newer_library and os.path.abspath(arguments.newer_library)
    missing = [tool for tool in ("java", "mvn", "openssl", "kcat") if shutil.which(tool) is None]
    if missing:
        print("skipped: without", ", ".join(missing))
        return 77
    names = ["KafkaTest.test_" + name if not name.startswith("KafkaTest") else name for name in arguments.tests]
    program = unittest.main(argv=[sys.argv[0], "-v", *names], exit=False)
    return 0 if program.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
