#!/usr/bin/env python3
"""Every command that README.md and docs/install.md show, but `make run`, `make test`, `make test-extra` and `make image`, is run as it stands
there (into a tree of its own where it would install), and what README shows of a report is what the program prints.

Usage: tests/extra/readme_test.py --binary DSNWATCH     (builds the release and installs it below build/readme)
"""
import argparse
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TREE = os.path.join(ROOT, "build/readme")
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
from running_daemon import RunningDaemon  # noqa: E402

NOT_HERE = {"make run", "make test", "make test-extra", "make image"}  # image_test.py runs the last
SAMPLE = "tests/data/postfix/sample.log"
HELM = os.path.join(ROOT, "build/kubernetes/helm4/helm/helm")
KUBECTL = os.path.join(ROOT, "build/kubernetes/helm4/kubectl/kubectl")


def shown(name):
    """Commands in fences without a language, and in the table of README."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as text:
        text = text.read()
    found = []
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S):
        if not language:
            prompts = re.findall(r"^\$ (.*)$", block, re.M)
            found += prompts or [line.split("#")[0].strip() for line in block.splitlines()]
    found += re.findall(r"^\| `(dsnwatch [^`]*)` \|", text, re.M)
    return [command for line in found for command in re.split(r" && ", line) if command]


def run(command, where=ROOT, stdin=None, status=0):
    done = subprocess.run(["bash", "-c", command], cwd=where, input=stdin, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != status:
        raise AssertionError(f"{command}: exit status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


class Commands:
    def __init__(self, binary):
        shutil.rmtree(TREE, ignore_errors=True)
        os.makedirs(TREE)
        self.binary = binary
        self.daemon = RunningDaemon(binary, "--listen", "127.0.0.1:0", SAMPLE, log=os.path.join(TREE, "output"))
        self.listen = self.daemon.url.removeprefix("http://")

    def dsnwatch(self, command):
        """The table's placeholders become something to work on."""
        for placeholder, value in (("[FILE...]", SAMPLE), ("[REPLY...]", "'550 5.7.1 refused'"), ("[--config FILE]", ""), ("check\\|list\\|show", "list"), ("check\\|show", "show")):
            command = command.replace(placeholder, value)
        if command.startswith("dsnwatch run"):
            return self.daemon.wait_until_ready()
        if command.startswith("dsnwatch healthcheck"):
            self.daemon.wait_until_ready()
            command += f" --listen {self.listen}"
        command = command.replace("/etc/dsnwatch/", f"{TREE}/root/etc/dsnwatch/")
        return run(command.replace("dsnwatch", self.binary, 1))

    def command(self, text):
        text = text.removeprefix("sudo ")
        if text == "make install":
            run(f"make install DESTDIR={TREE}/root")
            assert os.path.exists(f"{TREE}/root/usr/local/bin/dsnwatch")
        elif text.startswith("make"):
            run(text)
        elif text.startswith("dsnwatch"):
            self.dsnwatch(text)
        elif text.startswith("helm install dsnwatch"):
            run(text.replace("helm install", f"{HELM} template", 1))
        elif text.startswith("kubectl kustomize"):
            run(text.replace("kubectl", KUBECTL, 1))
        elif text.startswith(("systemctl", "systemd-sysusers")):
            if text == "systemd-sysusers" and shutil.which(text):
                run(f"systemd-sysusers --dry-run --root={TREE}/root {TREE}/root/usr/local/lib/sysusers.d/dsnwatch.conf")
            assert os.path.exists(f"{TREE}/root/usr/local/lib/systemd/system/dsnwatch.service"), "no unit to manage"
        else:
            raise AssertionError(f"tests/extra/readme_test.py does not know how to run: {text}")


def check_report(binary):
    """The report in README, line by line to where it leaves lines out."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as text:
        block = re.search(r"^```\n\$ dsnwatch (report [^\n]*)\n(.*?)^```", text.read(), re.M | re.S)
    printed = run(f"{binary} {block.group(1)}").splitlines()
    for number, line in enumerate(block.group(2).partition("[...]")[0].splitlines()):
        assert line == printed[number], f"README shows\n{line}\nbut the program prints\n{printed[number]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    commands, done = Commands(binary), 0
    try:
        for name in ("README.md", "docs/install.md"):
            for command in shown(name):
                if command not in NOT_HERE:
                    commands.command(command)
                    done += 1
        check_report(binary)
    finally:
        commands.daemon.terminate()
    print(f"{done} commands run")
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
