#!/usr/bin/env python3
"""The life of the daemon: how it starts, what it shows to whom, how it ends.

Usage: tests/e2e/run_test.py --binary DSNWATCH
"""
import argparse
import os
import signal
import sys
import tempfile
import unittest

from running_daemon import RunningDaemon, parse, wait_for

BINARY = None
LINE = ("2026-01-31T10:00:00.000000+00:00 mx1 postfix/smtp[8]: 4XYZ1: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, "
        "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n")
ATTEMPTS = ("dsnwatch_attempts_total", (("mta", "postfix"), ("provider", "other"), ("result", "delivered")))


class RunTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dsnwatch-run-")
        self.addCleanup(folder.cleanup)
        self.folder, self.log = folder.name, os.path.join(folder.name, "mail.log")
        self.write(self.log, "")
        self.daemon = None

    def tearDown(self):
        if self.daemon:
            self.daemon.kill()

    def write(self, path, text):
        with open(path, "a", encoding="utf-8") as out:
            out.write(text)

    def start(self, **keys):
        """A daemon over the log; `keys` go into its configuration."""
        config = os.path.join(self.folder, "dsnwatch.yml")
        if os.path.exists(config):
            os.remove(config)
        settings = {"listen": "127.0.0.1:0", "state_dir": self.folder + "/state", "sources": f"[{{path: {self.log}}}]", **keys}
        self.write(config, "".join(f"{key}: {value}\n" for key, value in settings.items()))
        self.daemon = RunningDaemon(BINARY, "--config", config, log=self.folder + "/stderr")
        return self.daemon

    def said(self):
        with open(self.folder + "/stderr", encoding="utf-8") as text:
            return text.read()

    def wait_for_attempts(self, value, prometheus=False):
        def problem():
            seen = parse(self.daemon.fetch(prometheus=prometheus)).get(ATTEMPTS)
            return "" if seen == value else f"{seen}, not {value}"
        wait_for("attempts", problem)

    def test_a_new_series_shows_as_0_to_prometheus_and_at_once_to_a_person(self):
        self.start(birth_hold="2s")
        self.write(self.log, LINE * 3)
        self.wait_for_attempts(3)
        self.wait_for_attempts(0, prometheus=True)
        self.wait_for_attempts(3, prometheus=True)

    def test_a_restart_goes_on_where_it_ended_and_the_hold_lasts(self):
        self.start(birth_hold="1m")
        self.write(self.log, LINE)
        self.wait_for_attempts(1)
        self.assertEqual(self.daemon.terminate(), 0)
        self.write(self.log, LINE)
        self.start(birth_hold="1m")
        self.wait_for_attempts(2)
        self.wait_for_attempts(0, prometheus=True)

    def test_while_it_lingers_holds_end_after_one_more_request(self):
        self.start(birth_hold="1m", linger="3s")
        self.write(self.log, LINE)
        self.wait_for_attempts(1)
        self.wait_for_attempts(0, prometheus=True)
        self.write(self.log, LINE)
        self.daemon.process.terminate()
        self.wait_for_attempts(2, prometheus=True)
        self.assertEqual(self.daemon.process.wait(30), 0)

    def test_a_second_signal_ends_it_at_once(self):
        self.start(linger="1m")
        self.daemon.process.terminate()
        wait_for("the first signal was taken", lambda: "" if "event=\"ending" in self.said() else "not yet")
        self.daemon.process.send_signal(signal.SIGINT)
        self.assertEqual(self.daemon.process.wait(10), -signal.SIGINT)

    def test_without_a_state_directory_it_says_so_once(self):
        self.start(state_dir='""')
        self.write(self.log, LINE)
        self.wait_for_attempts(1)
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertEqual(self.said().count("nothing survives a restart"), 1)

    def test_what_was_there_at_the_first_start_is_not_counted(self):
        self.write(self.log, LINE * 5)
        self.start()
        self.daemon.wait_until_ready()
        self.write(self.log, LINE)
        self.wait_for_attempts(1)

    def test_two_entries_that_match_one_file_are_refused(self):
        with self.assertRaises(AssertionError):
            self.start(sources=f"[{{path: {self.log}}}, {{path: {self.folder}/*.log}}]")
        self.assertIn("mail.log is read by another source already", self.said())


if __name__ == "__main__":
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--binary", default=os.environ.get("DSNWATCH"))
    given, rest = options.parse_known_args()
    BINARY = given.binary
    unittest.main(argv=[sys.argv[0], *rest])
