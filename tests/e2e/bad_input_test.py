#!/usr/bin/env python3
"""Files, folders and ports that are not as they should be: each has its message or counter, and its exit status.

Usage: tests/e2e/bad_input_test.py --binary DSNWATCH
"""
import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import unittest

from running_daemon import RunningDaemon, wait_for

BINARY = None
LINE = ("2026-01-31T10:00:0{n}.000000+00:00 mx1 postfix/smtp[8]: 4XYZ{n}: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, "
        "delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.org[192.0.2.1] said: 550 5.1.1 {text}User unknown)\n")
COUNTED = 'dsnwatch_attempts_total{mta="postfix",provider="other",result="bounced"}'


def line(n, text=""):
    return LINE.format(n=n, text=text).encode()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="dsnwatch-bad-")
        self.addCleanup(self.folder.cleanup)
        self.log = self.path("mail.log")
        self.daemons = []

    def tearDown(self):
        for daemon in self.daemons:
            daemon.kill()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, data, name="mail.log"):
        with open(self.path(name), "ab") as out:
            out.write(data)
        return self.path(name)

    def command(self, *args):
        done = subprocess.run([BINARY, *args], capture_output=True, timeout=60, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


class RunTest(Case):
    def start(self, *args):
        daemon = RunningDaemon(BINARY, "--listen", "127.0.0.1:0", "--start", "beginning", "--birth-hold", "0", *args, log=self.path("stderr"))
        self.daemons.append(daemon)
        return daemon

    def said(self):
        with open(self.path("stderr"), encoding="utf-8") as log:
            return log.read()

    def metric(self, daemon, series):
        for text in daemon.fetch().splitlines():
            if text.startswith(series + " "):
                return float(text.rsplit(" ", 1)[1])
        return None

    def wait_for_metric(self, daemon, series, value):
        def problem():
            seen = self.metric(daemon, series)
            return "" if seen == value else f"{series} is {seen}, not {value}"
        wait_for(series, problem)

    def source(self, name, **labels):
        labels = "".join(f'{key}="{value}",' for key, value in labels.items())
        return f'dsnwatch_source_{name}{{{labels}source="{self.log}"}}'

    def check_counts(self, data, attempts, **metrics):
        self.write(data)
        daemon = self.start(self.log)
        self.wait_for_metric(daemon, COUNTED, attempts)
        for name, value in metrics.items():
            self.wait_for_metric(daemon, self.source(name), value)
        self.assertEqual(daemon.terminate(), 0)
        return daemon

    def bad_source(self, message):
        """A source that can't be read is a metric, a message and a retry; another source is read meanwhile."""
        other = self.write(line(1), "other.log")
        daemon = self.start(self.log, other)
        self.wait_for_metric(daemon, COUNTED, 1)
        self.wait_for_metric(daemon, self.source("up"), 0)
        wait_for("the log", lambda: "" if message in self.said() else self.said())
        return daemon

    def recovers(self, daemon):
        self.write(line(2))
        self.wait_for_metric(daemon, COUNTED, 2)
        self.wait_for_metric(daemon, self.source("up"), 1)

    def test_a_missing_file_that_appears_later(self):
        daemon = self.bad_source("No such file or directory; it will be read from its start once it appears")
        self.recovers(daemon)

    def test_a_directory(self):
        os.mkdir(self.log)
        daemon = self.bad_source("is a directory; name a file")
        os.rmdir(self.log)
        self.recovers(daemon)

    def test_an_unreadable_file(self):
        if os.geteuid() == 0:
            os.symlink(self.log, self.log)  # Root may read everything, but no link to itself.
            daemon = self.bad_source("symbolic link")
            os.unlink(self.log)
        else:
            self.write(b"")
            os.chmod(self.log, 0)
            daemon = self.bad_source("Permission denied")
            os.chmod(self.log, 0o600)
        self.recovers(daemon)

    def test_a_binary_file(self):
        self.check_counts(bytes(range(256)) * 4000 + b"\n" + line(1), 1, backlog_bytes=0)

    def test_a_line_of_10_mb(self):
        self.write(b"x" * 10_000_000 + b"\n" + line(1))
        daemon = self.start(self.log)
        self.wait_for_metric(daemon, COUNTED, 1)
        self.wait_for_metric(daemon, f'dsnwatch_source_unparsed_total{{reason="too_long",source="{self.log}"}}', 1)

    def test_invalid_utf8(self):
        self.write(line(1).replace(b"example.org>", b"ex\xff\xfe.org>") + line(2).replace(b"User", b"\xc3\x28User"))
        daemon = self.start(self.log)
        self.wait_for_metric(daemon, COUNTED, 2)  # fetch() would fail on invalid UTF-8.

    def test_crlf(self):
        self.check_counts(line(1).replace(b"\n", b"\r\n") + line(2).replace(b"\n", b"\r\n"), 2, lines_total=2)

    def test_an_empty_file(self):
        self.write(b"")
        daemon = self.start(self.log)
        self.wait_for_metric(daemon, self.source("up"), 1)
        daemon.wait_until_ready()
        self.assertEqual(daemon.terminate(), 0)

    def test_a_state_directory_that_cannot_be_used(self):
        self.write(b"")
        in_the_way = self.write(b"", "file")
        status, _, said = self.command("run", "--listen", "127.0.0.1:0", "--state-dir", in_the_way + "/state", self.log)
        self.assertEqual(status, 2, said)
        self.assertIn(in_the_way, said)

    def test_a_second_daemon_on_the_same_state_directory(self):
        self.write(b"")
        state = self.path("state")
        first = self.start("--state-dir", state, self.log)
        status, _, said = self.command("run", "--listen", "127.0.0.1:0", "--state-dir", state, self.log)
        self.assertEqual(status, 1, said)
        self.assertIn(state, said)
        self.assertEqual(first.terminate(), 0)

    def test_a_port_that_is_taken(self):
        self.write(b"")
        first = self.start(self.log)
        status, _, said = self.command("run", "--listen", first.url.removeprefix("http://"), self.log)
        self.assertEqual(status, 1, said)
        self.assertIn("in use", said)

    def test_wrong_use(self):
        for args, message in ((("run",), "nothing to read"), (("run", "--stat-dir", "x", "f"), "--state-dir"),
                              (("run", "--start", "now", "f"), "beginning"), (("run", "--config", self.path("none.yml")), "none.yml"),
                              (("config", "chekc"), "check"), (("config",), "show")):
            status, _, said = self.command(*args)
            self.assertEqual(status, 2, args)
            self.assertIn(message, said, args)

    def test_a_bad_configuration_names_its_place(self):
        config = self.write(b"sources: []\nlimitz: {}\n", "dsnwatch.yml")
        for command in (("run",), ("config", "check"), ("config", "show")):
            status, _, said = self.command(*command, "--config", config)
            self.assertEqual(status, 2)
            self.assertIn(f'{config}:2:1: unknown key "limitz"; did you mean "limits"?', said)

    def test_the_effective_configuration_is_one(self):
        status, shown, _ = self.command("config", "show", "--birth-hold", "7s", self.log)
        self.assertEqual(status, 0)
        self.assertIn("birth_hold: 7s", shown)
        config = self.write(shown.encode(), "shown.yml")
        self.assertEqual(self.command("config", "check", "--config", config)[0], 0)
        status, _, said = self.command("config", "check", "--connect", "--config", config)
        self.assertEqual((status, "No such file" in said), (1, True))

    def test_bad_rules_at_a_reload_leave_the_old_ones(self):
        self.write(line(1))
        rules = self.write(b"rules: []\n", "rules.yaml")
        config = self.write(f"sources: [{{path: {self.log}}}]\nrules: [{rules}]\n".encode(), "dsnwatch.yml")
        daemon = self.start("--config", config)
        self.wait_for_metric(daemon, "dsnwatch_config_last_reload_successful", 1)
        self.write(b"rulez: []\n", "rules.yaml")
        daemon.process.send_signal(1)
        self.wait_for_metric(daemon, "dsnwatch_config_last_reload_successful", 0)
        self.assertIn("rules.yaml:2:1", self.said())
        os.truncate(rules, 0)
        self.write(b"rules: []\n# the file is looked at by itself as well\n", "rules.yaml")
        self.wait_for_metric(daemon, "dsnwatch_config_last_reload_successful", 1)

    def test_the_last_lines_count_before_the_end(self):
        self.write(line(1))
        state = self.path("state")
        daemon = self.start("--state-dir", state, self.log)
        self.wait_for_metric(daemon, COUNTED, 1)
        self.write(line(2) + line(3) + b"no end of this li")
        self.assertEqual(daemon.terminate(), 0)
        self.wait_for_metric(self.start("--state-dir", state, self.log), COUNTED, 3)


class OneOffTest(Case):
    """`report` and `events`: the other files are still read; 1 for a file that can't be, 0 for odd content."""

    def check(self, bad, status, message=None):
        good = self.write(line(1), "good.log")
        for command in ("report", "events"):
            with self.subTest(command):
                returned, out, said = self.command(command, *(["--format", "json"] if command == "report" else []), bad, good)
                self.assertEqual(returned, status, said)
                self.assertIn("user_unknown", out)
                if message:
                    self.assertIn(message.lower(), said.lower())
                    self.assertIn(bad, said)

    def test_a_missing_file(self):
        self.check(self.path("none.log"), 1, "No such file")

    def test_a_directory(self):
        self.check(self.folder.name, 1, "directory")

    def test_an_unreadable_file(self):
        os.symlink("loop", self.path("loop"))
        self.check(self.path("loop"), 1, "symbolic links")

    def test_a_broken_gzip(self):
        packed = gzip.compress(line(2) * 1000)
        self.check(self.write(packed[:len(packed) // 2], "cut.gz"), 1, "cut.gz")

    def test_odd_content(self):
        for name, data in (("empty", b""), ("binary", bytes(range(256)) * 1000), ("long", b"x" * 10_000_000 + b"\n" + line(2)),
                           ("crlf", line(2).replace(b"\n", b"\r\n")), ("utf8", line(2).replace(b"User", b"\xff\xfeUser"))):
            with self.subTest(name):
                self.check(self.write(data, name + ".log"), 0)


if __name__ == "__main__":
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--binary", default=os.environ.get("DSNWATCH"))
    given, rest = options.parse_known_args()
    BINARY = given.binary
    unittest.main(argv=[sys.argv[0], *rest], verbosity=1)
