#!/usr/bin/env python3
"""Counts a Postfix log without dsnwatch: an independent, slow and simple reading that tests compare with.

    scan.py sample.log 2026 > sample.expected.json

Knows RFC 3164 stamps, delivery lines, expiries (they name no recipient: whoever was last deferred under the queue id),
and refusals of our own server. Times are taken as UTC in the year given.
"""
import collections
import datetime
import json
import re
import sys

LINE = re.compile(rb"^(\w{3} [ \d]\d \d\d:\d\d:\d\d) (\S+) [^ ]+/[\w-]+\[\d+\]: (.*)$", re.S)
DELIVERY = re.compile(
    rb"^(\w+): to=<(.*?)>, (?:orig_to=<.*?>, )?relay=.*?, delay=[\d.]+, delays=[\d./]+, dsn=[\d.]+, status=(\w+) ", re.S)
RESULTS = {b"sent": "delivered", b"deferred": "deferred", b"bounced": "bounced"}


def domain_of(address):
    if b"@" not in address:
        return "unknown" if not address else "other"
    return address.rsplit(b"@", 1)[1].decode("utf-8").lower().encode("idna").decode()


def main(path, year):
    total = collections.Counter()
    domains = collections.defaultdict(collections.Counter)
    times = collections.defaultdict(list)
    inbound = collections.Counter()
    waiting = collections.defaultdict(dict)
    lines = 0
    for raw in open(path, "rb").read().split(b"\n")[:-1]:
        lines += 1
        match = LINE.match(raw)
        if not match:
            continue
        stamp, _, text = match.groups()
        if text.startswith(b"NOQUEUE: reject: ") or b": milter-reject: " in text or re.match(rb"\w+: reject: ", text):
            reply = re.search(rb"\]: (\d{3}) ", text)
            inbound["total"] += 1
            inbound["rejected" if reply[1][:1] == b"5" else "deferred"] += 1
            continue
        delivery = DELIVERY.match(text)
        if delivery and delivery[3] in RESULTS:
            queue_id, recipient, status = delivery.groups()
            result, domain = RESULTS[status], domain_of(recipient)
            total[result] += 1
            domains[domain][result] += 1
            waiting[queue_id].pop(recipient, None)
            if result == "deferred":
                waiting[queue_id][recipient] = domain
            if result == "deferred" and b"(delivery temporarily suspended: " in text:
                total["suspended"] += 1
            if result != "delivered":
                when = datetime.datetime.strptime(f"{year} {stamp.decode()}", "%Y %b %d %H:%M:%S")
                times[domain].append(when.strftime("%Y-%m-%dT%H:%M:%SZ"))
            continue
        event = re.match(rb"(\w+): (removed$|client=|from=<.*>, status=expired, )", text)
        if event:
            left = waiting.pop(event[1], {})
            if event[2].startswith(b"from="):
                for domain in left.values():
                    total["expired"] += 1
                    domains[domain]["expired"] += 1
    rows = {}
    for domain in sorted(domains):
        rows[domain] = {result: domains[domain][result] for result in ("delivered", "deferred", "bounced", "expired")}
        if times[domain]:
            rows[domain].update(first=min(times[domain]), last=max(times[domain]))
    json.dump({"lines": lines, "attempts": dict(total), "inbound": dict(inbound), "domains": rows}, sys.stdout, indent=1,
              sort_keys=True)
    print()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
