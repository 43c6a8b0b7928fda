#!/usr/bin/env python3
"""How fast dsnwatch reads a topic, beside `kcat -C -e` that throws the same topic away, with the same librdkafka properties: in
turn, at one broker, medians; fails below 70 %. Parsing, correlation, classification, tally and checkpoints are in dsnwatch's
figures; joining the group is not. With --members the processes of a group together. Needs Java, Maven (for the broker's jars),
OpenSSL and kcat; `make bench-kafka`.

Usage: bench/kafka.py --binary DSNWATCH [--lines N] [--pairs N] [--codec C] [--partitions N] [--wrapped] [--members 1,2,4]
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tests", "e2e"))
from kafka_broker import Broker  # noqa: E402
from kafka_extra import keyed  # noqa: E402
from kafka_members import Member, peak_of  # noqa: E402
from running_daemon import wait_for  # noqa: E402

# dsnwatch's own defaults (ingest/source/kafka_client.cc), for the other side.
PROPERTIES = {"queued.min.messages": 50000, "queued.max.messages.kbytes": 8192, "fetch.max.bytes": 8388608,
              "max.partition.fetch.bytes": 524288, "fetch.wait.max.ms": 25}
LEAST_RATIO = 0.7
GENERATED = 1_000_000  # Lines made once, then produced as often as it takes.


def make_lines(lines, wrapped, folder):
    """As many with their keys as are made once, and the bytes of one."""
    subprocess.run([sys.executable, HERE + "/genlog.py", "--lines", str(min(lines, GENERATED)), "--out", folder + "/mail.log",
                    "--truth", folder + "/truth.json"], check=True, stdout=subprocess.DEVNULL)
    with open(folder + "/mail.log", "rb") as text:
        made = [keyed(line, wrapped) for line in text]
    return made, sum(len(line.split(b"\t", 1)[1]) for line in made) / len(made)


def fill(broker, topic, made, lines, codec):
    while lines > 0:
        broker.produce(topic, b"".join(made[:lines]), codec)
        lines -= len(made)


def read_by_kcat(broker, topic, lines):
    command = ["kcat", "-C", "-e", "-q", "-b", broker.plaintext, "-t", topic]
    for name, value in PROPERTIES.items():
        command += ["-X", f"{name}={value}"]
    before, began = os.times(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds, after = time.monotonic() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return lines / seconds, cpu


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as text:
        fields = text.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rate_of(members, lines):
    """Lines a second from the first checkpoint that holds some to the one that holds all."""
    first = None
    while True:
        seen = 0
        for member in members:
            member.page = member.daemon.fetch()
            seen += member.health("dsnwatch_source_lines_total")
        now = time.monotonic()
        if seen and first is None:
            first = (now, seen)
        if seen >= lines:
            return (seen - first[1]) / (now - first[0]) if now > first[0] and seen > first[1] else float("inf")
        time.sleep(0.05)


def divide(members, partitions):
    """Lets the group divide the empty topic and ends the members: each comes back to its share, since its name stays."""
    for member in members:
        member.start()
    share = partitions // len(members)
    wait_for("shares", lambda: "" if all(member.scrape() and member.health("dsnwatch_kafka_assigned_partitions") == share
                                         for member in members) else "not divided", 120)
    for member in members:
        member.kill()


def read_by_members(binary, broker, topic, lines, folder, run, count, before=lambda members: None):
    """Lines a second, CPU seconds of all, MiB of the largest; `before` gets the members before they start."""
    members = [Member(binary, f"{folder}/{run}-{number}", broker.plaintext, [topic], f"bench-{run}",
                      properties={"session.timeout.ms": 45000}, checkpoint_interval="200ms") for number in range(count)]
    try:
        before(members)
        for member in members:
            member.start()
        rate = rate_of(members, lines)
        pids = [member.daemon.process.pid for member in members]
        return rate, sum(map(cpu_of, pids)), max(map(peak_of, pids))
    finally:
        for member in members:
            member.kill()


def compare_with_kcat(broker, arguments, folder):
    ratios, kcats, ours = [], [], []
    for pair in range(arguments.pairs):
        kcat, kcat_cpu = read_by_kcat(broker, "bench", arguments.lines)
        rate, cpu, peak = read_by_members(arguments.binary, broker, "bench", arguments.lines, folder, f"pair-{pair}", 1)
        ratios.append(rate / kcat)
        kcats.append(kcat)
        ours.append(rate)
        print(f"  kcat {kcat / 1e6:.2f} M/s ({kcat_cpu:.1f} s CPU)   dsnwatch {rate / 1e6:.2f} M/s ({cpu:.1f} s CPU, "
              f"{peak:.0f} MiB)   {rate / kcat:.0%}", flush=True)
    ratio = statistics.median(ratios)
    print(f"medians: dsnwatch {statistics.median(ours) / 1e6:.2f} M/s, kcat {statistics.median(kcats) / 1e6:.2f} M/s, ratio "
          f"{ratio:.0%} (at least {LEAST_RATIO:.0%})")
    return ratio >= LEAST_RATIO


def scale(broker, arguments, made, folder):
    lines = arguments.lines
    for count in map(int, arguments.members.split(",")):
        topic = f"scale-{count}"

        def before(members, topic=topic):
            broker.make_topic(topic, arguments.partitions)
            divide(members, arguments.partitions)
            fill(broker, topic, made, lines, arguments.codec)
        rate, cpu, peak = read_by_members(arguments.binary, broker, topic, lines, folder, topic, count, before)
        print(f"  {count} member(s): {rate / 1e6:.2f} M/s together, {cpu / lines * 1e6:.2f} s CPU a million messages, "
              f"{peak:.0f} MiB the largest", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--lines", type=int, default=8_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--codec", default="lz4", choices=("none", "gzip", "snappy", "lz4", "zstd"))
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--wrapped", action="store_true", help="each line within a JSON record")
    parser.add_argument("--members", help="measure only so many processes of a group, a comma between several tries")
    arguments = parser.parse_args()
    arguments.binary = os.path.abspath(arguments.binary)
    missing = [tool for tool in ("java", "mvn", "openssl", "kcat") if shutil.which(tool) is None]
    if missing:
        print("bench/kafka.py needs", ", ".join(missing), file=sys.stderr)
        return 1
    folder = tempfile.mkdtemp(prefix="dsnwatch-bench-kafka-")
    broker = Broker(folder)
    try:
        broker.start()
        made, size = make_lines(arguments.lines, arguments.wrapped, folder)
        print(f"{arguments.lines:,} messages of {size:.0f} bytes, {arguments.codec}, {arguments.partitions} partitions")
        if arguments.members:
            scale(broker, arguments, made, folder)
            return 0
        broker.make_topic("bench", arguments.partitions)
        fill(broker, "bench", made, arguments.lines, arguments.codec)
        return 0 if compare_with_kcat(broker, arguments, folder) else 1
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
