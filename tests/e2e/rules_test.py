#!/usr/bin/env python3
"""The way from replies that no rule knows to own rules: report --unclassified, rules check, report --compare, --evidence.

Usage: tests/e2e/rules_test.py --binary DSNWATCH
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import unittest

BINARY = None
LINE = ("2026-01-31T1{hour}:00:00.000000+00:00 mx1 postfix/smtp[8]: 4XYZ{n}: to=<{to}>, relay=mx.example.org[192.0.2.1]:25, "
        "delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (host mx.example.org[192.0.2.1] said: 550 5.0.0 quux gerbelt {n} for {to})\n")
PROVIDERS = "providers:\n  - id: own_host\n    title: Own Host\n    mx_suffixes: [mx.example.org]\n    contact: https://forms.example/\n"


class RulesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dsnwatch-rules-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.log = self.write("mail.log", "".join(LINE.format(n=n, hour=n % 9, to=f"user{n % 3}@example.org") for n in range(30)))

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def run_it(self, *args, status=0):
        done = subprocess.run([BINARY, *args], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout if status == 0 else done.stderr + done.stdout

    def test_from_an_unknown_reply_to_a_rule(self):
        skeletons = self.run_it("report", "--unclassified", self.log)
        self.assertIn("# 30 times", skeletons)
        own = self.write("own.yaml", skeletons)
        self.assertIn(f"{own}:6:5: `cause` has no value", self.run_it("rules", "check", own, status=1))
        self.write("own.yaml", skeletons.replace("cause:\n", "cause: greylisted\n"))
        self.assertIn(" 0 problems", self.run_it("rules", "check", own))
        self.assertIn("give 30 another cause", self.run_it("report", "--compare", own, self.log))
        report = json.loads(self.run_it("report", "--format", "json", "--rules", own, self.log))
        self.assertEqual([row["key"] for row in report["causes"]], ["greylisted"])
        self.assertEqual(report["unclassified"]["total"], 0)
        before = json.loads(self.run_it("report", "--format", "json", self.log))
        self.assertEqual(before["unclassified"]["replies"][0]["key"], "550 5.0.0 quux gerbelt <n> for <address>")
        self.assertEqual(before["unclassified"]["replies"][0]["count"], 30)

    def test_the_report_ends_with_what_stands_out(self):
        text = self.run_it("report", self.log)
        self.assertLess(text.index("Who rejects"), text.index("What costs the most mail"))
        self.assertIn("3 recipients were tried again after a permanent rejection", " ".join(text.split()))
        self.assertIn("Replies that no rule knows", text)

    def test_evidence_for_a_provider_of_ones_own(self):
        providers = self.write("providers.yaml", PROVIDERS)
        evidence = self.run_it("report", "--providers", providers, "--evidence", "own_host", self.log)
        for part in ("that Own Host rejects", "https://forms.example/", "queue id 4XYZ0", "2026-01-31T10:00:00Z", "550 5.0.0 quux gerbelt 0"):
            self.assertIn(part, evidence)
        self.assertIn('did you mean "google"?', self.run_it("report", "--evidence", "gogle", self.log, status=2))
        self.assertIn("exclude each other", self.run_it("report", "--evidence", "google", "--unclassified", self.log, status=2))

    def test_the_list_of_rules_as_json(self):
        rules = json.loads(self.run_it("rules", "list", "--format", "json"))
        self.assertGreater(len(rules), 800)
        for rule in rules:
            self.assertTrue(rule["id"] and rule["cause"] and rule["examples"], rule)
        self.assertTrue(any(rule.get("extract") for rule in rules))


if __name__ == "__main__":
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--binary", default=os.environ.get("DSNWATCH"))
    given, rest = options.parse_known_args()
    BINARY = given.binary
    unittest.main(argv=[sys.argv[0], *rest])
