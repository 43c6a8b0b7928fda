#!/usr/bin/env python3
"""The rules of the tree that no compiler checks: layers, who may use which library, sizes, names, documents.

Usage: tests/tidy_test.py [ROOT]    prints every finding as file:line: what; exit status 1 if there is one
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
if ROOT.is_file():
    ROOT = ROOT.parent.parent

# Which of our own folders a folder may include (ARCHITECTURE.md, "Layers").
LAYERS = {
    "core": {"core"},
    "ingest": {"core", "ingest"},
    "exporters": {"core", "exporters"},
    "daemon": {"core", "ingest", "exporters", "daemon"},
}
OWN_FOLDERS = set(LAYERS) | {"tests", "bench"}

# Third parties and the folders that own them; <name/...> or <name.h>. Tests and benchmarks may use any.
LIBRARIES = {
    "re2": ("core/classify/", "daemon/rules_file/", "core/providers"),
    "idn2": ("core/",),
    "simdjson": ("ingest/",),
    "zstd": ("ingest/",),
    "zlib": ("ingest/", "exporters/"),
    "prometheus": ("exporters/",),
    "boost/beast": ("exporters/http/", "daemon/"),
    "boost/asio": ("exporters/http/", "daemon/"),
    "yaml-cpp": ("daemon/",),
    "lmdb": ("daemon/ledger/",),
    "librdkafka": ("ingest/source/",),
    "tl": ("core/result.h", "daemon/"),
}
# What the core must not know (design: no file, socket or thread).
CORE_BANNED = re.compile(r"<(fstream|filesystem|thread|mutex|condition_variable|future|unistd\.h|fcntl\.h|sys/[a-z]+\.h|iostream)>")
CORE_EXCEPTIONS = {
    ("core/classify/pattern.h", "mutex"),  # a pattern is compiled by the first worker that needs it
    ("core/series/birth_holds.h", "mutex"),  # the exporter's thread tells the holds that a scrape has begun
}

BANNED_NAMES = re.compile(r"(^|_)(util|utils|helper|helpers|common|manager|misc)(_|\.|$)")
LINES_WARN, LINES_FAIL, BYTES_FAIL = 400, 600, 1_500_000
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"]

findings = []
warnings = []


def find(path, line, what):
    findings.append(f"{path}:{line}: {what}")


def tracked_files():
    """What git knows or would add; everything below the root where there is no git (a release archive)."""
    try:
        listing = subprocess.run(
            ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True).stdout
        names = [name for name in listing.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file() and p.relative_to(ROOT).parts[0] not in ("build", ".git")]
    return sorted(name for name in names if (ROOT / name).is_file())


def check_includes(path, lines):
    folder = path.split("/")[0]
    for number, line in enumerate(lines, 1):
        own = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if own:
            target = own.group(1).split("/")[0]
            if own.group(1).startswith(tuple(library + "/" for library in LIBRARIES)):
                line = line.replace('"', "<", 1).replace('"', ">", 1)
            elif "/" not in own.group(1) or target not in OWN_FOLDERS:
                find(path, number, f'"{own.group(1)}": our headers are included by their path from the root')
            elif folder in LAYERS and target not in LAYERS[folder]:
                find(path, number, f"{folder} must not include {target} (it may: {', '.join(sorted(LAYERS[folder]))})")
        outside = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
        if outside and folder in LAYERS:
            name = outside.group(1)
            for library, owners in LIBRARIES.items():
                if re.match(rf"{library}([/.]|$)", name) and not path.startswith(owners):
                    find(path, number, f"<{name}> belongs to {', '.join(owners)}")
            if folder == "core" and CORE_BANNED.search(line) and (path, name) not in CORE_EXCEPTIONS:
                find(path, number, f"core knows no file, socket or thread: <{name}>")


def check_source(path, text):
    lines = text.splitlines()
    if len(lines) > LINES_FAIL:
        find(path, LINES_FAIL, f"{len(lines)} lines; a file has one idea and at most {LINES_FAIL}")
    elif len(lines) > LINES_WARN:
        warnings.append(f"{path}: {len(lines)} lines, above {LINES_WARN}")
    if path.endswith(".h") and "#pragma once" not in text:
        find(path, 1, "a header begins with #pragma once")
    for number, line in enumerate(lines, 1):
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
            find(path, number, "no notes to oneself in the code: do it, or open an issue")
        if re.match(r"\s*using namespace (?!std::(chrono_)?literals|std::string_view_literals)\w", line) and path.endswith(".h"):
            find(path, number, "no using namespace in a header")
    check_includes(path, lines)


def heading_anchor(heading):
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path):
    found, fenced = set(), False
    for line in path.read_text(encoding="utf-8").splitlines():
        fenced ^= line.startswith("```")
        if not fenced and line.startswith("#"):
            found.add(heading_anchor(line.lstrip("#")))
    return found


def check_links(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            linked = (ROOT / path).parent / name if name else ROOT / path
            if not linked.exists():
                find(path, number, f"the link's target does not exist: {target}")
            elif anchor and linked.suffix == ".md" and anchor not in anchors(linked):
                find(path, number, f"no such heading: {target}")
        # Paths in code quotes that look like ours must be there too.
        for quoted in re.findall(r"`((?:core|ingest|exporters|daemon|deploy|tests|bench|scripts|cmake)/[\w./-]*)`", line):
            if not re.search(r"\b(NAME|FOLDER)\b|NAME_", quoted) and not (ROOT / quoted).exists():
                find(path, number, f"the path does not exist: {quoted}")


def check_commands(path, text):
    """`make VERB` and `dsnwatch COMMAND` that a document shows must exist."""
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    commands = set(re.findall(r"int (\w+)_command\(", (ROOT / "daemon/commands/command.h").read_text()))
    options = set(re.findall(r'"([a-z][a-z-]+)"', "".join(p.read_text() for p in (ROOT / "daemon").rglob("*.cc")))) | {"help", "version"}
    for number, line in enumerate(text.splitlines(), 1):
        for shown in re.findall(r"dsnwatch (?:report|events|classify|run|rules|config|metrics|healthcheck)\b([^|`]*)", line):
            for option in re.findall(r"--([a-z][a-z-]+)", shown):
                if option not in options:
                    find(path, number, f"--{option}: no command has this option")
        for verb in re.findall(r"(?:`|^\s*|&& )make ([a-z][a-z-]+)", line):
            if verb not in verbs:
                find(path, number, f"make {verb}: no such verb in the Makefile")
        for command in re.findall(r"(?:`|^\$ )(?:build/release/)?dsnwatch ([a-z]+)\b", line):
            if command not in commands:
                find(path, number, f"dsnwatch {command}: no such command")


def check_changelog():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = re.search(r"project\(dsnwatch VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    if "## [Unreleased]" not in text and f"## [{version}]" not in text:
        find("CHANGELOG.md", 1, f"neither [Unreleased] nor [{version}] is described")


def check_makefile():
    verbs = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M).group(1).split()
    if len(verbs) > 12:
        find("Makefile", 1, f"{len(verbs)} verbs; at most a dozen")


def main():
    files = tracked_files()
    for name in DOCUMENTS:
        if name not in files:
            find(name, 1, "is missing")
    for name in files:
        path = ROOT / name
        if path.stat().st_size > BYTES_FAIL:
            find(name, 1, f"{path.stat().st_size} bytes; data above {BYTES_FAIL} is generated, not kept")
        if name.split("/")[0] in OWN_FOLDERS | {"scripts", "deploy"} and not name.startswith("tests/data/"):
            if any(BANNED_NAMES.search(part) for part in name.split("/")):
                find(name, 1, "a name that says nothing (util, helper, common, manager): name the idea")
        if name.endswith((".cc", ".h")):
            check_source(name, path.read_text(encoding="utf-8"))
        if name.endswith(".md"):
            text = path.read_text(encoding="utf-8")
            check_links(name, text)
            check_commands(name, text)
        elif name.startswith("deploy/prometheus/rules/"):
            check_commands(name, path.read_text(encoding="utf-8"))
    if not findings:
        check_changelog()
    check_makefile()
    if "ARCHITECTURE.md" in files and len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) > 150:
        find("ARCHITECTURE.md", 150, "at most 150 lines")
    for line in warnings:
        print("warning:", line)
    for line in findings:
        print(line)
    print(f"{len(files)} files, {len(findings)} findings, {len(warnings)} warnings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
