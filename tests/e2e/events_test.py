#!/usr/bin/env python3
"""`dsnwatch events` from outside: over the sample log it prints one object per attempt, as an independent scan counted
them (tests/data/postfix/scan.py); every line is valid JSON; exit status and messages of bad inputs.

Usage: tests/e2e/events_test.py --binary DSNWATCH [UNITTEST OPTION...]
"""
import argparse
import collections
import gzip
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "tests/data/postfix")
SAMPLE = os.path.join(DATA, "sample.log")
RESULTS = ("delivered", "deferred", "bounced", "expired")
BINARY = None


def run(*args, stdin=b""):
    where = ("--timezone", "UTC", "--year", "2026")
    return subprocess.run([BINARY, "events", *where, *args], input=stdin, capture_output=True, timeout=120)


def events(*args, stdin=b"", status=0):
    done = run(*args, stdin=stdin)
    if done.returncode != status:
        raise AssertionError(f"exit status {done.returncode}: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def without(event, *keys):
    return {key: value for key, value in event.items() if key not in keys}


class Sample(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(DATA, "sample.expected.json"), encoding="utf-8") as file:
            cls.expected = json.load(file)
        with open(SAMPLE, "rb") as file:
            cls.bytes = file.read()
        cls.events = events(SAMPLE)
        cls.outbound = [event for event in cls.events if event["kind"] == "outbound"]

    def test_counts_per_result(self):
        counts = collections.Counter(event["result"] for event in self.outbound)
        for result in RESULTS:
            self.assertEqual(counts[result], self.expected["attempts"][result], result)
        self.assertEqual(sum(event.get("suspended", False) for event in self.outbound),
                         self.expected["attempts"]["suspended"])

    def test_counts_per_domain(self):
        counts = collections.defaultdict(collections.Counter)
        for event in self.outbound:
            counts[event["recipient_domain"]][event["result"]] += 1
        for domain, expected in self.expected["domains"].items():
            for result in RESULTS:
                self.assertEqual(counts[domain][result], expected[result], f"{domain} {result}")

    def test_in_input_order_with_the_line_of_each_record(self):
        lines = [event["line"] for event in self.events]
        self.assertEqual(lines, sorted(lines))
        text = self.bytes.split(b"\n")
        for event in self.outbound:
            self.assertIn(event["queue_id"].encode(), text[event["line"] - 1])
            self.assertEqual(event["file"], SAMPLE)

    def test_what_other_lines_said(self):
        # The sample begins in the middle of a log: a few queue ids were accepted before it.
        known = sum("sender" in event for event in self.outbound)
        self.assertGreater(known, 0.9 * len(self.outbound))
        self.assertIn("", [event.get("sender") for event in self.outbound], "our own bounces have the null sender")

    def test_words_of_the_server_without_those_of_postfix(self):
        for event in self.outbound:
            if event["result"] == "bounced" and event.get("stage") == "rcpt":
                self.assertNotIn(" said: ", event["text"])
                self.assertFalse(event["text"].endswith(" (in reply to RCPT TO command)"))

    def test_same_from_a_pipe_and_compressed(self):
        plain = [without(event, "file") for event in self.events]
        self.assertEqual([without(event, "file") for event in events("-", stdin=self.bytes)], plain)
        self.assertEqual([without(event, "file") for event in events(stdin=gzip.compress(self.bytes))], plain)

    def test_time_window(self):
        middle = self.events[len(self.events) // 2]["time"]
        early, late = events("--until", middle, SAMPLE), events("--since", middle, SAMPLE)
        self.assertTrue(early and late)
        self.assertEqual(early + late, self.events)
        self.assertTrue(all(event["time"] < middle for event in early))

    def test_files_share_queue_ids(self):
        lines = self.bytes.splitlines(keepends=True)
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("a.log", "b.log")]
            for path, part in zip(paths, (lines[:1000], lines[1000:])):
                with open(path, "wb") as file:
                    file.writelines(part)
            both = events(*paths)
        self.assertEqual([without(event, "file", "line") for event in both],
                         [without(event, "file", "line") for event in self.events])


class Inputs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    SENT = (b"Nov 23 21:53:07 mx1 postfix/smtp[1]: 3C1A2AF8044: to=<a@x.test>, relay=mx.x.test[192.0.2.1]:25, delay=1, "
            b"delays=0/0/0/1, dsn=2.0.0, status=sent (250 %s)\n")

    def test_other_files_are_read_although_one_is_bad(self):
        good = self.file("good.log", self.SENT % b"ok")
        broken = self.file("broken.gz", gzip.compress(self.SENT % b"ok" * 1000)[:-20])
        for bad in (os.path.join(self.folder.name, "missing.log"), self.folder.name, broken):
            done = run(bad, good)
            self.assertEqual(done.returncode, 1, bad)
            self.assertIn(bad, done.stderr.decode())
            self.assertIn(good, done.stdout.decode())

    def test_odd_content_is_no_error(self):
        for name, content, count in (("empty", b"", 0), ("binary", bytes(range(256)) * 100, 0),
                                     ("crlf", (self.SENT % b"ok").replace(b"\n", b"\r\n"), 1),
                                     ("latin1", self.SENT % b"m\xfcde\x07", 1), ("no_newline", (self.SENT % b"ok")[:-1], 1),
                                     ("long_line", b"x" * 5_000_000 + b"\n" + self.SENT % b"ok", 1)):
            self.assertEqual(len(events(self.file(name, content))), count, name)
        self.assertEqual(events(self.file("latin1", self.SENT % b"m\xfcde"))[0]["text"], "250 m\ufffdde")
        self.assertEqual(events(self.file("after_long", b"x" * 5_000_000 + b"\n" + self.SENT % b"ok"))[0]["line"], 2)

    def test_wrong_usage(self):
        for args in (["--no-such-option"], ["--timezone", "Europe/Atlantis", SAMPLE], ["--since", "soon", SAMPLE],
                     ["--format-of-log", "qmail9", SAMPLE], ["--rules", os.path.join(self.folder.name, "none"), SAMPLE]):
            done = run(*args)
            self.assertEqual(done.returncode, 2, args)
            self.assertTrue(done.stderr, args)
            self.assertFalse(done.stdout, args)

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            return
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "events", "--timezone", "UTC", SAMPLE], stdout=full, stderr=subprocess.PIPE,
                                  timeout=120)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"written", done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--binary", required=True)
    known, rest = parser.parse_known_args()
    BINARY = os.path.abspath(known.binary)
    unittest.main(argv=[sys.argv[0], *rest])
