#!/usr/bin/env python3
"""kill -9 at random moments while a log is written and rotated: at the end every count is exact, no scrape ever saw one go down,
and every series was seen as 0 before it had a value.

Usage: tests/e2e/kill_test.py --binary DSNWATCH [--kills N] [--seed N]     (5 kills; 30 with DSNWATCH_LONG=1)
"""
import argparse
import os
import random
import socket
import sys
import tempfile
import threading
import time

from log_writer import LogWriter
from running_daemon import RunningDaemon, parse, wait_for

BIRTH_HOLD = 2.5
SCRAPE_INTERVAL = 0.2
BASE_FAMILIES = ("dsnwatch_attempts_total", "dsnwatch_domain_", "dsnwatch_sender_", "dsnwatch_rejections_total",
                 "dsnwatch_expired_total", "dsnwatch_inbound_")


class Scraper(threading.Thread):
    """Asks as Prometheus does, whichever process answers, and checks each answer against those before."""

    def __init__(self):
        super().__init__(daemon=True)
        self.daemon_now, self.last, self.problems = None, {}, []
        self.scrapes, self.ending = 0, threading.Event()

    def run(self):
        while not self.ending.wait(SCRAPE_INTERVAL):
            try:
                self.check(parse(self.daemon_now.fetch(prometheus=True)))
            except (OSError, AttributeError):
                pass  # It was just killed.

    def check(self, seen):
        self.scrapes += 1
        for series, value in seen.items():
            before = self.last.get(series)
            if before is None and value != 0:
                self.problems.append(f"first seen as {value:g}, not as 0: {series}")
            elif before is not None and value < before:
                self.problems.append(f"went from {before:g} to {value:g}: {series}")
        self.problems += [f"was {self.last[gone]:g}, then gone: {gone}" for gone in self.last.keys() - seen.keys()]
        self.last = seen

    def is_held(self, domain):
        return any(value == 0 and ("domain", domain) in labels for (_, labels), value in self.last.items())


class Writing(threading.Thread):
    """Writes until told to end, at an uneven pace, and rotates now and then."""

    def __init__(self, writer, seed):
        super().__init__(daemon=True)
        self.writer, self.random, self.lock, self.ending = writer, random.Random(seed), threading.Lock(), threading.Event()

    def run(self):
        next_rotation = time.monotonic() + 1
        while not self.ending.wait(self.random.choice([0.001, 0.005, 0.03])):
            with self.lock:
                for _ in range(self.random.randrange(20)):
                    self.writer.step()
                if time.monotonic() > next_rotation:
                    for _ in range(self.random.choice([1, 1, 1, 3])):
                        self.writer.rotate()
                    next_rotation = time.monotonic() + self.random.uniform(0.5, 3)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def difference(seen, truth):
    """Where the families that the writer knows differ from its truth."""
    ours = {s: v for s, v in seen.items() if s[0].startswith(BASE_FAMILIES) and v != 0}
    return [f"{s}: {ours.get(s, 0):g} instead of {truth.get(s, 0)}" for s in sorted(ours.keys() | truth.keys()) if ours.get(s, 0) != truth.get(s, 0)]


def kill_again_and_again(start, scraper, writing, kills, choose):
    """Half of the kills fall into the hold of a series that has just been born."""
    in_hold = 0
    for number in range(kills):
        if number % 2 == 0:
            domain = f"born-{number}.example"
            with writing.lock:
                writing.writer.newborn(domain)
            wait_for(f"{domain} is seen as 0", lambda: "" if scraper.is_held(domain) else "not seen yet")
            time.sleep(choose.uniform(0, 0.5))
            in_hold += scraper.is_held(domain)
        else:
            time.sleep(choose.uniform(0.05, 2.5))
        scraper.daemon_now.kill()
        if choose.random() < 0.3:
            time.sleep(choose.uniform(0, 1))
        scraper.daemon_now = start()
    return in_hold


def run(binary, folder, kills, seed):
    log, output = os.path.join(folder, "mail.log"), os.path.join(folder, "output")
    port = free_port()

    def start(state="state", listen=f"127.0.0.1:{port}"):
        return RunningDaemon(binary, "--state-dir", os.path.join(folder, state), "--listen", listen, "--start", "beginning",
                             "--birth-hold", f"{int(BIRTH_HOLD * 1000)}ms", log, log=output)

    scraper, writer = Scraper(), LogWriter(log, seed)
    writing = Writing(writer, seed + 1)
    scraper.daemon_now = start()
    try:
        scraper.start()
        writing.start()
        in_hold = kill_again_and_again(start, scraper, writing, kills, random.Random(seed + 2))
        writing.ending.set()
        writing.join()
        finish(scraper, writer, start, folder)
    except BaseException:
        with open(output, encoding="utf-8", errors="replace") as said:
            sys.stderr.write(said.read()[-5000:])
        raise
    finally:
        scraper.ending.set()
        scraper.daemon_now.kill()
        writer.close()
    print(f"{kills} kills ({in_hold} of them in a hold), {writer.lines} lines, {writer.rotations} rotations, {scraper.scrapes} scrapes, "
          f"{len(scraper.last)} series: exact")


def finish(scraper, writer, start, folder):
    daemon = scraper.daemon_now
    wait_for("all is counted", lambda: difference(parse(daemon.fetch()), writer.truth)[:10])
    time.sleep(1.5)  # More than a checkpoint: nothing may be counted on top.
    wait_for("Prometheus sees it too", lambda: difference(parse(daemon.fetch(prometheus=True)), writer.truth)[:10], BIRTH_HOLD + 10)
    everything = parse(daemon.fetch())
    scraper.ending.set()
    scraper.join()
    assert not scraper.problems, "\n".join(scraper.problems[:20])
    assert daemon.terminate() == 0, "exit status after SIGTERM"

    scraper.daemon_now = start()  # What was counted is still there.
    again = parse(scraper.daemon_now.fetch())
    assert again == everything, sorted(set(again.items()) ^ set(everything.items()))[:20]
    scraper.daemon_now.kill()
    check_against_one_reading(start, writer, folder, everything)


def check_against_one_reading(start, writer, folder, everything):
    """A daemon that was never killed and reads all generations in one go counts the same in every family."""
    whole = os.path.join(folder, "mail.log")
    generations = [f"{whole}.{number}" for number in range(writer.rotations, 0, -1)] + [whole]
    content = b"".join(open(path, "rb").read() for path in generations)
    for path in generations:
        os.remove(path)
    with open(whole, "wb") as out:
        out.write(content)
    control = start("control", "127.0.0.1:0")
    try:
        wait_for("the whole log is read", lambda: difference(parse(control.fetch()), writer.truth)[:10])
        time.sleep(1.5)
        once = parse(control.fetch())
    finally:
        control.kill()
    assert once == everything, sorted(set(once.items()) ^ set(everything.items()))[:20]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", default=os.environ.get("DSNWATCH"))
    options.add_argument("--kills", type=int, default=30 if os.environ.get("DSNWATCH_LONG") else 5)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = options.parse_args()
    print(f"seed {given.seed}: {sys.argv[0]} --kills {given.kills} --seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="dsnwatch-kill-") as folder:
        run(given.binary, folder, given.kills, given.seed)


if __name__ == "__main__":
    main()
