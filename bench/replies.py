"""The shipped rules' own examples, as replies to put into a generated log, with the cause that the rules promise for them.

The standard library reads no YAML, so this reads the plain subset that core/rules/*.yaml keep to: a list of mappings, one
key a line, strings plain or quoted on one line, examples as a list of such.
"""
import glob
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def unquote(text):
    text = text.strip()
    if text[:1] == "'" and text[-1:] == "'":
        return text[1:-1].replace("''", "'")
    if text[:1] == '"' and text[-1:] == '"':
        return re.sub(r"\\(.)", lambda m: {"t": "\t", "n": "\n"}.get(m.group(1), m.group(1)), text[1:-1])
    return re.sub(r"\s+#.*$", "", text)


def rules(pattern=os.path.join(ROOT, "core/rules/*.yaml")):
    """[{"id":, "cause":, "provider":, "stage":, ..., "examples": [...]}], in the order of files and lines."""
    found = []
    for path in sorted(glob.glob(pattern)):
        rule, inside = None, None
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                begins = re.match(r"\s*- id:\s*(.*)$", line)
                if begins:
                    rule, inside = {"id": unquote(begins.group(1)), "examples": []}, None
                    found.append(rule)
                    continue
                if rule is None or not line.strip() or line.lstrip().startswith("#"):
                    continue
                item = re.match(r"\s+- (.*)$", line)
                key = re.match(r"\s+([a-z_]+):\s*(.*)$", line)
                if item and inside == "examples":
                    rule["examples"].append(unquote(item.group(1)))
                elif key:
                    inside = key.group(1)
                    if key.group(2):
                        rule[inside] = unquote(key.group(2))
    return found


def enhanced_code(text, logged):
    """The enhanced status of a reply: the one directly behind the last repetition of its code; else the first in the text of
    the code's class (subjects have one digit there: "[#4.16.1]" is a vendor's own number); else what the MTA logged."""
    code = text[:3]
    behind = re.findall(rf"(?:^|\s){code}[- ]+([245]\.\d{{1,3}}\.\d{{1,3}})(?![\d.])", text)
    if behind:
        return behind[-1]
    within = re.search(rf"(?<![\d.])({code[0]}\.\d\.\d{{1,3}})(?![\d.])", text)
    return within.group(1) if within else logged
