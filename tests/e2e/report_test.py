#!/usr/bin/env python3
"""`dsnwatch report` from outside: what it says of the sample log equals what an independent scan counted
(tests/data/postfix/scan.py), however the log is wrapped, packed or cut; exit status and messages of bad inputs.

Usage: tests/e2e/report_test.py --binary DSNWATCH [UNITTEST OPTION...]
"""
import argparse
import datetime
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SAMPLE = os.path.join(ROOT, "tests/data/postfix/sample.log")
EXPECTED = os.path.join(ROOT, "tests/data/postfix/sample.expected.json")
RESULTS = ("delivered", "deferred", "bounced", "expired")
BINARY = None


def run(*args, stdin=b"", where=("--timezone", "UTC", "--year", "2026")):
    return subprocess.run([BINARY, "report", *where, *args], input=stdin, capture_output=True, timeout=120)


def report(*args, stdin=b"", status=0):
    done = run("--format", "json", *args, stdin=stdin)
    if done.returncode != status:
        raise AssertionError(f"exit status {done.returncode}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def rows(document, name):
    return {row["key"]: row for row in document[name]}


def rewritten(wrap):
    """The sample with other syslog headers: wrap(time, host, tag, process id or None, text) -> line."""
    out = []
    with open(SAMPLE, "rb") as lines:
        for line in lines:
            stamp, host, tag, process, text = re.match(
                rb"(\w{3} [ \d]\d [\d:]{8}) (\S+) ([^ \[:]+)(?:\[(\d+)\])?: (.*)\n", line, re.S).groups()
            when = datetime.datetime.strptime("2026 " + stamp.decode(), "%Y %b %d %H:%M:%S")
            out.append(wrap(when, host, tag, process, text))
    return b"".join(out)


def as_rfc3339(when, host, tag, process, text):
    moment = when + datetime.timedelta(hours=1)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.123456+01:00 ").encode() + host + b" " + tag + b"[" + process + b"]: " + text + b"\n"


def as_rfc5424(when, host, tag, process, text):
    return b"<22>1 " + when.strftime("%Y-%m-%dT%H:%M:%SZ ").encode() + host + b" " + tag + b" " + process + b" - - " + text + b"\n"


class SampleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(EXPECTED, encoding="utf-8") as handle:
            cls.expected = json.load(handle)
        with open(SAMPLE, "rb") as handle:
            cls.sample = handle.read()

    def check(self, document):
        self.assertEqual(document["unparsed"], 0)
        self.assertEqual({k: document["attempts"][k] for k in self.expected["attempts"]}, self.expected["attempts"])
        domains = {}
        for key, row in rows(document, "domains").items():
            domains[key] = {name: row[name] for name in RESULTS + ("first", "last") if name in row}
        self.assertEqual(domains, self.expected["domains"])
        self.assertEqual({k: document["inbound"][k] for k in self.expected["inbound"]}, self.expected["inbound"])

    def test_equals_the_independent_scan(self):
        document = report(SAMPLE)
        self.check(document)
        self.assertEqual(document["lines"], self.expected["lines"])
        self.assertEqual(document["bytes"], len(self.sample))

    def test_lists_add_up(self):
        document = report(SAMPLE)
        attempts = document["attempts"]
        for name in ("domains", "providers", "sender_domains"):
            for result in RESULTS + ("rejections", "internal", "suspended"):
                self.assertEqual(sum(row[result] for row in document[name]), attempts[result], f"{name} {result}")
        self.assertEqual(sum(row["rejections"] for row in document["causes"]), attempts["rejections"])
        self.assertEqual(sum(row["rejected"] + row["deferred"]
                             for row in document["inbound"]["replies"]), document["inbound"]["total"])
        self.assertIn("5.7.1", rows(document, "enhanced_codes"))

    def test_envelopes_and_line_ends(self):
        for name, data in (("rfc3339", rewritten(as_rfc3339)), ("rfc5424", rewritten(as_rfc5424)),
                           ("crlf", self.sample.replace(b"\n", b"\r\n")), ("no final newline", self.sample[:-1])):
            with self.subTest(name):
                self.check(report("-", stdin=data))

    def test_packed_and_cut(self):
        middle = self.sample.index(b"\n", len(self.sample) // 2) + 1
        halves = self.sample[:middle], self.sample[middle:]
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, half in enumerate(halves):
                paths.append(os.path.join(folder, f"mail.log.{number}.gz"))
                with open(paths[-1], "wb") as out:
                    out.write(gzip.compress(half))
            both = os.path.join(folder, "both.gz")
            with open(both, "wb") as out:  # The second member begins in the middle of a line.
                out.write(gzip.compress(self.sample[:middle + 40]) + gzip.compress(self.sample[middle + 40:]))
            self.check(report(both))
            self.check(report(*paths))
            self.check(report(paths[0], "-", stdin=halves[1]))
            reversed_order = run("--format", "json", paths[1], paths[0])
            self.assertIn("name the oldest file first", reversed_order.stderr.decode())

    def test_only_the_times_asked_for(self):
        counted = [report(*window, SAMPLE)["attempts"]["bounced"]
                   for window in (("--until", "2026-11-23T21:55:00Z"), ("--since", "2026-11-23 21:55"),
                                  ("--since", "2026-11-24"), ("--since=2026-11-23", "--until=2026-11-24"))]
        self.assertEqual(counted[0] + counted[1], self.expected["attempts"]["bounced"])
        self.assertGreater(min(counted[:2]), 0)
        self.assertEqual(counted[2:], [0, self.expected["attempts"]["bounced"]])

    def test_examples_name_nobody(self):
        recipients = set(re.findall(rb" to=<([^>]+@[^>]+)>", self.sample))
        for form in ("json", "text", "markdown"):
            out = run("--format", form, SAMPLE).stdout
            out.decode("utf-8")
            self.assertEqual([r for r in recipients if r in out], [], form)
            self.assertNotIn(b"\x1b", out)

    def test_text_and_markdown(self):
        text = run(SAMPLE).stdout.decode()
        for part in ("delivery attempts", "What costs the most mail", "Who rejects", "Why", "Recipient domains"):
            self.assertIn(part, text)
        self.assertIn("| provider | attempts |", run("--format=markdown", SAMPLE).stdout.decode())

    def test_top(self):
        full, cut = report(SAMPLE), report("--top", "3", SAMPLE)
        self.assertGreater(len(full["domains"]), 10)
        self.assertEqual(cut["domains"], full["domains"][:3])
        self.assertEqual(cut["attempts"], full["attempts"])


class InputTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, data):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as out:
            out.write(data)
        return path

    def test_a_bad_file_does_not_hide_the_others(self):
        with open(SAMPLE, "rb") as handle:
            sample = handle.read()
        whole = report(SAMPLE)["attempts"]
        bad = {
            "missing": (os.path.join(self.folder.name, "missing.log"), "no such file"),
            "directory": (self.folder.name, "is a directory"),
            "cut gzip": (self.file("cut.gz", gzip.compress(sample)[:3000]), "end too early"),
            "broken gzip": (self.file("broken.gz", b"\x1f\x8b\x08" + b"\0" * 7 + b"\xff" * 99), "broken gzip"),
        }
        if os.geteuid() != 0:
            path = self.file("unreadable.log", b"x\n")
            os.chmod(path, 0)
            bad["unreadable"] = (path, "permission denied")
        for name, (path, message) in bad.items():
            with self.subTest(name):
                done = run("--format", "json", path, SAMPLE)
                self.assertEqual(done.returncode, 1)
                self.assertIn(path, done.stderr.decode())
                self.assertIn(message, done.stderr.decode())
                attempts = json.loads(done.stdout)["attempts"]
                self.assertGreaterEqual(attempts["delivered"], whole["delivered"])

    def test_odd_inputs_are_no_failure(self):
        with open(SAMPLE, "rb") as handle:
            sample = handle.read()
        line = next(l for l in sample.split(b"\n") if b"status=bounced" in l)
        odd = {
            "empty": (b"", 0),
            "binary": (bytes(range(256)) * 4096, 0),
            "long line": (line + b"\n" + b"x" * (10 << 20) + b"\n" + line + b"\n", 2),
            "invalid UTF-8": (line.replace(b"status=bounced (", b"status=bounced (\xff\xfe\xc3( ") + b"\n", 1),
            "NUL": (b"\0\n" + line + b"\n\0", 1),
        }
        for name, (data, bounced) in odd.items():
            with self.subTest(name):
                document = report(self.file("odd.log", data))
                self.assertEqual(document["attempts"]["bounced"], bounced)
                self.assertEqual(document["bytes"], len(data))

    def test_wrong_use(self):
        for args, message in ((("--fromat", "json", SAMPLE), 'did you mean "--format"?'),
                              (("--format", "xml", SAMPLE), "text, json or markdown"),
                              (("--top", "0", SAMPLE), "--top"), (("--since", "yesterday", SAMPLE), "--since"),
                              (("--year", "26", SAMPLE), "--year"), (("--timezone", "Mars/Olympus", SAMPLE), "Mars/Olympus"),
                              (("--format-of-log", "postfox", SAMPLE), "postfox"),
                              (("--rules", os.path.join(self.folder.name, "none"), SAMPLE), "none")):
            with self.subTest(" ".join(args)):
                done = run(*args, where=())
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(message, done.stderr.decode())
                self.assertEqual(done.stdout, b"")

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "report", SAMPLE], stdout=full, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode, 1)
        self.assertIn("can't be written", done.stderr.decode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    known, rest = parser.parse_known_args()
    BINARY = os.path.abspath(known.binary)
    unittest.main(argv=[sys.argv[0], *rest])
