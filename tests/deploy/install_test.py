#!/usr/bin/env python3
"""`make install` into an empty tree: the unit is one that systemd takes and finds hardened, its configuration is valid, and a
configuration that is there stays.

Usage: tests/deploy/install_test.py --binary DSNWATCH     (the binary of a build folder)
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

EXPOSURE = 2.0  # of 10, by systemd-analyze security


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False, **more)
    return done.returncode, done.stdout


def install(build, root):
    status, said = run("cmake", "--install", build, "--component", "runtime", "--prefix", "/usr/local", env={**os.environ, "DESTDIR": root})
    assert status == 0, said


def check_unit(root, name):
    unit = os.path.join(root, "usr/local/lib/systemd/system", name)
    with open(unit, encoding="utf-8") as text:
        content = text.read()
    start = re.search(r"^ExecStart=(\S+) run --config (\S+)$", content, re.M)
    assert start and start.groups() == ("/usr/local/bin/dsnwatch", "/etc/dsnwatch/dsnwatch.yml"), content
    # systemd wants the program that a unit names to be there, so a copy names the one in the tree.
    copy = os.path.join(root, name)
    with open(copy, "w", encoding="utf-8") as out:
        out.write(content.replace("/usr/local/bin/", f"{root}/usr/local/bin/"))
    status, said = run("systemd-analyze", "verify", "--man=no", copy)
    own = [line for line in said.splitlines() if name in line]
    assert not own, said
    status, said = run("systemd-analyze", "security", "--offline=true", f"--threshold={int(EXPOSURE * 10)}", copy)
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", said)
    assert status == 0 and float(exposure.group(1)) <= EXPOSURE, said
    return exposure.group(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    build = os.path.dirname(os.path.abspath(parser.parse_args().binary))
    with tempfile.TemporaryDirectory(prefix="dsnwatch-install-") as root:
        install(build, root)
        binary, config = f"{root}/usr/local/bin/dsnwatch", f"{root}/etc/dsnwatch/dsnwatch.yml"
        status, said = run(binary, "config", "check", "--config", config)
        assert status == 0, said
        for path in ("share/dsnwatch/prometheus/rules/rejections.yml", "share/dsnwatch/runbooks/causes.md", "lib/sysusers.d/dsnwatch.conf", "share/doc/dsnwatch/metrics.md"):
            assert os.path.exists(f"{root}/usr/local/{path}"), path
        with open(config, "a", encoding="utf-8") as out:
            out.write("birth_hold: 30s\n")
        install(build, root)
        with open(config, encoding="utf-8") as text:
            assert "birth_hold: 30s" in text.read(), "the operator's configuration was overwritten"
        exposure = "not asked: no systemd-analyze here"
        if shutil.which("systemd-analyze"):
            exposure = check_unit(root, "dsnwatch.service")
    print(f"exposure of the unit: {exposure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
