#!/usr/bin/env python3
"""The whole of `dsnwatch report` on a generated log, beside grep and mawk: CPU time, memory, and whether the answers are right.

Usage: bench/pipeline.py BINARY [--lines 2000000] [--runs 7] [--seed 7] [--keep FOLDER]

Each round runs grep, mawk and the report, one after the other, so that what else the machine does meets all three alike; the
ratios are medians of the rounds' own. Fails if the report takes more than 4 times the CPU time (user + system) of
`LC_ALL=C grep -c status=bounced`, more than 64 MiB, or disagrees with what the generator knows.
"""
import argparse
import collections
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_RATIO, MAX_RSS_MIB = 4.0, 64
# What an administrator would write: bounces by status and domain.
AWK = r'/ status=bounced / && match($0, /to=<[^>]*>/) { to = substr($0, RSTART, RLENGTH); sub(/.*@/, "", to); match($0, /dsn=[0-9.]+/); n[substr($0, RSTART + 4, RLENGTH - 4) " " to]++ } END { for (k in n) print n[k], k }'


def measure(command):
    """CPU seconds, peak RSS in MiB and the output, which goes through a pipe: grep -c on /dev/null would stop at once."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"})
    output = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1) or not output:
        raise SystemExit(f"pipeline.py: {' '.join(command)[:200]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def differences(report, truth, bounced_lines, awk_output):
    """Every answer of the report that the generator knows better."""
    found = []

    def expect(what, got, wanted):
        if got != wanted:
            found.append(f"{what}: {got}, not {wanted}")

    expect("lines", report["lines"], truth["lines"])
    expect("unparsed", report["unparsed"], 0)
    for result, count in truth["attempts"].items():
        expect(f"attempts {result}", report["attempts"].get(result, 0), count)
    expect("grep's bounces", bounced_lines, truth["attempts"]["bounced"])
    expect("mawk's bounces", sum(int(line.split()[0]) for line in awk_output.splitlines()), truth["attempts"]["bounced"])
    rows = {row["key"]: row for row in report["domains"]}
    wrong = 0
    for domain in truth["domains"].keys() | rows.keys():
        wanted, got = truth["domains"].get(domain, {}), rows.get(domain, {})
        wrong += any(got.get(name, 0) != wanted.get(name, 0) for name in ("delivered", "deferred", "bounced", "expired"))
    expect("domains that differ", wrong, 0)
    for key in ("enhanced_codes", "causes"):
        got = collections.Counter({row["key"]: row["rejections"] for row in report[key] if row["rejections"]})
        for name in sorted(got.keys() | truth[key].keys()):
            expect(f"{key} {name}", got.get(name, 0), truth[key].get(name, 0))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", metavar="FOLDER", help="leave log and truth there")
    arguments = parser.parse_args()
    if shutil.which("mawk") is None:
        raise SystemExit("pipeline.py: mawk is missing (make bench installs it)")

    with tempfile.TemporaryDirectory(prefix="dsnwatch-bench-") as folder:
        folder = arguments.keep or folder
        os.makedirs(folder, exist_ok=True)
        log, truth_file = os.path.join(folder, "mail.log"), os.path.join(folder, "truth.json")
        # A process of its own: a child's peak memory is never below its parent's, so this one must stay small.
        subprocess.run([sys.executable, os.path.join(HERE, "genlog.py"), "--lines", str(arguments.lines), "--out", log,
                        "--truth", truth_file, "--seed", str(arguments.seed)], check=True)
        print(f"{os.path.getsize(log) / 1e6:.0f} MB, seed {arguments.seed}, {os.cpu_count()} cores, {arguments.runs} rounds")
        commands = {
            "grep": ["grep", "-c", "status=bounced", log],
            "mawk": ["mawk", AWK, log],
            "report": [arguments.binary, "report", "--format", "json", log],
        }
        cpu, peak, outputs = collections.defaultdict(list), collections.defaultdict(float), {}
        for name, command in commands.items():  # fills the page cache
            outputs[name] = measure(command)[2]
        for _ in range(arguments.runs):
            for name, command in commands.items():
                seconds, rss, _ = measure(command)
                cpu[name].append(seconds)
                peak[name] = max(peak[name], rss)
        with open(truth_file, encoding="utf-8") as text:
            truth = json.load(text)
        found = differences(json.loads(outputs["report"]), truth, int(outputs["grep"]), outputs["mawk"].decode())

    for name in commands:
        median = statistics.median(cpu[name])
        print(f"{name:8} {median:7.3f} CPU s (from {min(cpu[name]):.3f} to {max(cpu[name]):.3f})   "
              f"{truth['lines'] / median / 1e6:6.2f} M lines per CPU second   {peak[name]:6.1f} MiB")
    ratios = {name: statistics.median(ours / theirs for ours, theirs in zip(cpu["report"], cpu[name])) for name in ("grep", "mawk")}
    print(f"report / grep {ratios['grep']:.2f} (at most {MAX_RATIO:.0f}), report / mawk {ratios['mawk']:.2f}, "
          f"peak {peak['report']:.1f} MiB (at most {MAX_RSS_MIB})")
    if ratios["grep"] > MAX_RATIO:
        found.append(f"report takes {ratios['grep']:.2f} times the CPU time of grep")
    if peak["report"] > MAX_RSS_MIB:
        found.append(f"report takes {peak['report']:.1f} MiB")
    for line in found[:30]:
        print("wrong:", line)
    print("answers and limits: " + (f"{len(found)} wrong" if found else "right"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
