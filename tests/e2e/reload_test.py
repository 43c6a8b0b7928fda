#!/usr/bin/env python3
"""Rules and providers that change under a running daemon: in place, by SIGHUP, as a ConfigMap; no line is lost.

Usage: tests/e2e/reload_test.py --binary DSNWATCH
"""
import argparse
import os
import re
import signal
import sys
import tempfile
import unittest

from running_daemon import RunningDaemon, parse, wait_for

BINARY = None
LINE = ("2026-01-31T10:00:00.000000+00:00 mx1 postfix/smtp[8]: 4XYZ1: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, "
        "delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (host mx.example.org[192.0.2.1] said: 550 5.0.0 quux says no)\n")
RULES = "rules:\n  - id: own.quux\n    cause: {cause}\n    match: quux says no\n    examples: ['550 5.0.0 quux says no']\n"
PROVIDERS = "providers:\n  - id: {name}\n    mx_suffixes: [mx.example.org]\n"


class ReloadTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dsnwatch-reload-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.log = self.path("mail.log")
        self.write("mail.log", "")
        os.mkdir(self.path("rules.d"))

    def tearDown(self):
        self.daemon.kill()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)

    def start(self):
        self.write("dsnwatch.yml", f"listen: 127.0.0.1:0\nstate_dir: {self.path('state')}\nbirth_hold: 0s\nsources: [{{path: {self.log}}}]\n"
                                   f"rules: [{self.path('rules.d')}]\nproviders: {self.path('providers.yaml')}\n")
        self.daemon = RunningDaemon(BINARY, "--config", self.path("dsnwatch.yml"), log=self.path("stderr"))
        self.daemon.wait_until_ready()
        self.shipped = self.health("dsnwatch_rules_loaded")

    def health(self, name):
        return float(re.search(rf"^{name} (\S+)$", self.daemon.fetch(), re.M).group(1))

    def wait_for_health(self, name, value):
        wait_for(name, lambda: "" if self.health(name) == value else f"{self.health(name)}, not {value}")

    def rejections(self, **labels):
        return sum(count for (name, has), count in parse(self.daemon.fetch()).items()
                   if name == "dsnwatch_rejections_total" and set(labels.items()) <= set(has))

    def bounce(self, **labels):
        """One more line; waits until it is counted with these labels."""
        before, everything = self.rejections(**labels), self.rejections()
        with open(self.log, "a", encoding="utf-8") as out:
            out.write(LINE)
        wait_for(f"a rejection with {labels}", lambda: "" if self.rejections() == everything + 1 else str(self.rejections()))
        self.assertEqual(self.rejections(**labels), before + 1)

    def test_files_changed_in_place_a_bad_one_and_sighup(self):
        self.write("providers.yaml", PROVIDERS.format(name="own_a"))
        self.start()
        self.bounce(provider="own_a")
        self.write("rules.d/own.yaml", RULES.format(cause="greylisted"))
        self.wait_for_health("dsnwatch_rules_loaded", self.shipped + 1)
        self.assertEqual(self.health("dsnwatch_config_last_reload_successful"), 1)
        self.bounce(cause="greylisted", provider="own_a")

        self.write("rules.d/own.yaml", RULES.format(cause="greylistet"))
        self.wait_for_health("dsnwatch_config_last_reload_successful", 0)
        with open(self.path("stderr"), encoding="utf-8") as text:
            self.assertIn(self.path("rules.d/own.yaml") + ":3:12: unknown cause", text.read())
        self.assertEqual(self.health("dsnwatch_rules_loaded"), self.shipped + 1)
        self.bounce(cause="greylisted", provider="own_a")

        self.write("rules.d/own.yaml", RULES.format(cause="spam"))
        self.wait_for_health("dsnwatch_config_last_reload_successful", 1)
        self.bounce(cause="spam", provider="own_a")

        self.write("providers.yaml", PROVIDERS.format(name="own_b"))
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_for("the provider's new name", lambda: self.bounced_by("own_b"))
        os.remove(self.path("rules.d/own.yaml"))
        self.wait_for_health("dsnwatch_rules_loaded", self.shipped)
        self.assertEqual(self.daemon.terminate(), 0)

    def bounced_by(self, provider):
        before, everything = self.rejections(provider=provider), self.rejections()
        with open(self.log, "a", encoding="utf-8") as out:
            out.write(LINE)
        wait_for("one more", lambda: "" if self.rejections() == everything + 1 else "not yet")
        return "" if self.rejections(provider=provider) == before + 1 else "still the old one"

    def test_a_config_map_that_is_swapped(self):
        self.write("providers.yaml", "providers: []\n")
        for name, cause in (("a", "greylisted"), ("b", "spam")):
            os.mkdir(self.path(f"rules.d/..{name}"))
            self.write(f"rules.d/..{name}/own.yaml", RULES.format(cause=cause))
        os.symlink("..a", self.path("rules.d/..data"))
        os.symlink("..data/own.yaml", self.path("rules.d/own.yaml"))
        self.start()
        self.bounce(cause="greylisted")
        os.symlink("..b", self.path("rules.d/..data_tmp"))
        os.rename(self.path("rules.d/..data_tmp"), self.path("rules.d/..data"))
        wait_for("the reload", lambda: "" if self.reloads() == 1 else "not yet")
        self.bounce(cause="spam")

    def reloads(self):
        with open(self.path("stderr"), encoding="utf-8") as text:
            return text.read().count("rules reloaded")


if __name__ == "__main__":
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--binary", default=os.environ.get("DSNWATCH"))
    given, rest = options.parse_known_args()
    BINARY = given.binary
    unittest.main(argv=[sys.argv[0], *rest])
