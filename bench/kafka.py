#!/usr/bin/env python3
"""How fast dsnwatch reads a topic, beside `kcat -C -e` that throws the same topic away, with the same librdkafka properties: in
turn, at one broker, medians. Parsing, correlation, classification, tally and checkpoints are in dsnwatch's figures; joining
the group is not. Needs Java, Maven (for the broker's jars), OpenSSL and kcat; `make bench-kafka`.

Usage: bench/kafka.py --binary DSNWATCH [--lines N] [--pairs N] [--codec C] [--partitions N] [--members 1,2,4] [--json]
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

# dsnwatch's own defaults (ingest/source/kafka_client.cc), for the other side.
PROPERTIES = {"queued.min.messages": 50000, "queued.max.messages.kbytes": 8192, "fetch.max.bytes": 8388608,
              "max.partition.fetch.bytes": 524288, "fetch.wait.max.ms": 100}
GENERATED = 1_000_000  # Lines made once, then produced as often as it takes.


def fill(broker, topic, lines, codec, wrapped, folder):
    made = min(lines, GENERATED)
    subprocess.run([sys.executable, HERE + "/genlog.py", "--lines", str(made), "--out", folder + "/mail.log", "--truth",
                    folder + "/truth.json"], check=True, stdout=subprocess.DEVNULL)
    with open(folder + "/mail.log", "rb") as text:
        all_lines = [keyed(line, wrapped) for line in text]
    sent = 0
    while sent < lines:
        piece = all_lines[:lines - sent]
        broker.produce(topic, b"".join(piece), codec)
        sent += len(piece)
    return sum(len(line.split(b"\t", 1)[1]) for line in all_lines) / len(all_lines)


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


def read_by_members(binary, broker, topic, lines, folder, run, count):
    """Lines a second from the first checkpoint that holds some to the one that holds all; CPU seconds; MiB of the largest."""
    members = [Member(binary, f"{folder}/{run}-{number}", broker.plaintext, [topic], f"bench-{run}", checkpoint_interval="50ms")
               for number in range(count)]
    try:
        for member in members:
            member.start()
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
                break
            time.sleep(0.01)
        pids = [member.daemon.process.pid for member in members]
        rate = (seen - first[1]) / (now - first[0]) if now > first[0] and seen > first[1] else float("inf")
        return rate, sum(map(cpu_of, pids)), max(map(peak_of, pids))
    finally:
        for member in members:
            member.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--lines", type=int, default=8_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--codec", default="lz4", choices=("none", "gzip", "snappy", "lz4", "zstd"))
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--wrapped", action="store_true", help="each line within a JSON record")
    parser.add_argument("--members", default="1", help="how many processes, a comma between several tries")
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.binary)
    missing = [tool for tool in ("java", "mvn", "openssl", "kcat") if shutil.which(tool) is None]
    if missing:
        print("bench/kafka.py needs", ", ".join(missing), file=sys.stderr)
        return 1
    folder = tempfile.mkdtemp(prefix="dsnwatch-bench-kafka-")
    broker = Broker(folder)
    try:
        broker.start()
        broker.make_topic("bench", arguments.partitions)
        size = fill(broker, "bench", arguments.lines, arguments.codec, arguments.wrapped, folder)
        print(f"{arguments.lines:,} messages of {size:.0f} bytes, {arguments.codec}, {arguments.partitions} partitions")
        for count in map(int, arguments.members.split(",")):
            ratios, kcats, ours = [], [], []
            for pair in range(arguments.pairs):
                kcat, kcat_cpu = read_by_kcat(broker, "bench", arguments.lines)
                rate, cpu, peak = read_by_members(binary, broker, "bench", arguments.lines, folder, f"{count}-{pair}", count)
                ratios.append(rate / kcat)
                kcats.append(kcat)
                ours.append(rate)
                print(f"  kcat {kcat / 1e6:.2f} M/s ({kcat_cpu:.1f} s CPU)   {count} x dsnwatch {rate / 1e6:.2f} M/s "
                      f"({cpu:.1f} s CPU, {peak:.0f} MiB)   {rate / kcat:.0%}")
            print(f"median of {count} member(s): {statistics.median(ours) / 1e6:.2f} M/s, kcat "
                  f"{statistics.median(kcats) / 1e6:.2f} M/s, ratio {statistics.median(ratios):.0%}")
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
