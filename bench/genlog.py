#!/usr/bin/env python3
"""Writes the log of a Postfix that sends bulk mail, and the truth about it. The same seed gives the same bytes.

Usage: bench/genlog.py --lines 2000000 --out mail.log --truth mail.truth.json [--seed 7]

The mixture of lines is that of a real outbound Postfix: about one line in six carries a delivery result, one in seventy is a
bounce; a few big providers and a long tail of domains; deferred recipients come back, or expire. Replies are the examples of
the shipped rules, with numbers of their own. The truth holds attempts, per domain and result, by enhanced code and by cause.
"""
import argparse
import collections
import heapq
import itertools
import json
import random
import re

import replies as rule_replies

# domain, MX, provider as the rules call it, weight
BIG = [
    ("gmail.com", "gmail-smtp-in.l.google.com", "google", 300),
    ("outlook.com", "outlook-com.olc.protection.outlook.com", "microsoft_consumer", 70),
    ("hotmail.com", "hotmail-com.olc.protection.outlook.com", "microsoft_consumer", 110),
    ("yahoo.com", "mta5.am0.yahoodns.net", "yahoo", 110),
    ("aol.com", "mx-aol.mail.gm0.yahoodns.net", "yahoo", 25),
    ("icloud.com", "mx01.mail.icloud.com", "apple", 45),
]
SENDERS = ["news.retail.example", "notify.saas.example", "billing.isp.example", "crm.agency.example", "alerts.iot.example"]
STAGES = {"connect": None, "helo": "EHLO", "mail": "MAIL FROM", "rcpt": "RCPT TO", "data": "DATA", "eod": "end of DATA"}
# Postfix's own words where no server answered: text, logged status, cause
LOCAL = [
    ("connect to {mx}[{ip}]:25: Connection timed out", "4.4.1", "connection_failed"),
    ("connect to {mx}[{ip}]:25: Connection refused", "4.4.1", "connection_failed"),
    ("lost connection with {mx}[{ip}] while sending RCPT TO", "4.4.2", "connection_failed"),
    ("Host or domain name not found. Name service error for name={domain} type=MX: Host not found, try again", "4.4.3", "dns_failure"),
]
ABOUT_THE_RECIPIENT = {
    "user_unknown", "mailbox_full", "mailbox_disabled", "bad_address_syntax", "domain_not_found", "recipient_throttled", "recipient_restricted",
    "relay_denied", "greylisted",
}
WORDS = "acme north blue river alpha delta stone hill smart green bright solar metro union prime core vista lumen terra nova".split()
THINGS = "corp group tech labs works media trade food bank care school clinic hotel press design energy motors tools farm wine".split()
NAMES = "james mary john linda robert anna michael sophie david laura peter julia thomas marie paul emma andreas claire".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def weighted(random_source, items, weights):
    """An endless, cheap draw from weighted items."""
    cumulative = list(itertools.accumulate(weights))
    while True:
        yield from random_source.choices(items, cum_weights=cumulative, k=4096)


def seconds(value):
    """As Postfix prints delays: two digits that count."""
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


class Replies:
    """What the servers say. Only examples that are whole replies of a server, of rules that need nothing but the provider
    and the stage that the log shows; a provider says its own, everybody else what rules of no provider are about."""

    def __init__(self, random_source):
        self.random = random_source
        self.by_provider = collections.defaultdict(lambda: {"4": [], "5": []})
        known = {provider for _, _, provider, _ in BIG}
        for rule in rule_replies.rules():
            provider = rule.get("provider", "")
            stages = re.findall(r"[a-z]+", rule.get("stage", ""))
            if (provider and provider not in known) or rule.get("side") == "local" or rule["id"].startswith("code."):
                continue
            stage = stages[0] if stages else "rcpt" if rule["cause"] in ABOUT_THE_RECIPIENT else "eod"
            for text in rule["examples"]:
                if re.match(r"[45]\d\d[- ]", text) and stage != "connect":
                    self.by_provider[provider][text[0]].append((text, STAGES[stage], rule["cause"]))
        if not self.by_provider[""]["4"] or not self.by_provider[""]["5"]:
            raise SystemExit("genlog.py: the rules in core/rules have no examples of replies to use")

    def draw(self, provider, digit):
        """text, stage and cause, with long numbers of its own, so that hardly any reply comes twice."""
        own = self.by_provider[provider][digit] if provider in self.by_provider else None
        text, stage, cause = self.random.choice(own or self.by_provider[""][digit])
        return re.sub(r"\b\d{7,}\b", self.another_number, text), stage, cause

    def another_number(self, match):
        digits = len(match.group())
        return str(self.random.randrange(10 ** (digits - 1), 10**digits))


class Log:
    def __init__(self, arguments):
        self.random = random.Random(arguments.seed)
        self.replies = Replies(self.random)
        self.domains = self.make_domains(arguments.domains)
        self.truth = {name: collections.Counter() for name in ("attempts", "enhanced_codes", "causes")}
        self.by_domain = collections.defaultdict(collections.Counter)
        self.clock = 0.0
        self.queue = 0x1000000000
        self.waiting = []  # heap of (when, serial, message)
        self.serial = 0
        self.stamps = {}

    def make_domains(self, tail):
        items, weights = [row[:3] for row in BIG], [row[3] for row in BIG]
        for i in range(tail):
            word, thing = self.random.choice(WORDS), self.random.choice(THINGS)
            domain = f"{word}-{thing}{i}.example"
            items.append((domain, f"mx.{domain}", ""))
            weights.append(900.0 / (i + 8) ** 0.92)
        addresses = ["%d.%d.%d.%d" % tuple(self.random.randrange(1, 224) for _ in range(4)) for _ in items]
        return weighted(self.random, [(*item, address) for item, address in zip(items, addresses)], weights)

    def stamp(self, when):
        second = int(when)
        found = self.stamps.get(second)
        if found is None:
            day, rest = divmod(second, 86400)
            found = "%s %2d %02d:%02d:%02d mta%%d " % (MONTHS[10], 22 + day % 7, rest // 3600, rest // 60 % 60, rest % 60)
            if len(self.stamps) > 100000:
                self.stamps.clear()
            self.stamps[second] = found
        return found

    def new_message(self, when):
        random_source = self.random
        self.queue += random_source.randrange(1, 9000)
        sender_domain = random_source.choice(SENDERS)
        recipients = []
        for _ in range(1 if random_source.random() < 0.93 else random_source.randrange(2, 5)):
            domain = next(self.domains)
            recipients.append((f"{random_source.choice(NAMES)}{random_source.randrange(100000)}@{domain[0]}", domain))
        return {
            "id": "%011X" % self.queue, "host": random_source.randrange(1, 4), "born": when, "tries": 0,
            "sender": f"bounce+{self.queue & 0xFFFFFF:x}@{sender_domain}", "recipients": recipients,
            "size": random_source.randrange(1500, 90000), "pid": random_source.randrange(300, 4000),
        }

    def deliver(self, message, when):
        """The lines of one run of a message through the queue: [(when, line)]."""
        lines, random_source = [], self.random
        host, queue_id, pid = message["host"], message["id"], message["pid"]

        def log(delay, text):
            lines.append((when + delay, self.stamp(when + delay) % host + text))

        if message["tries"] == 0:
            if random_source.random() < 0.38:
                log(0, f"postfix/smtpd[{pid}]: connect from app{host}.internal[10.20.0.{host}]")
                log(0.9, f"postfix/smtpd[{pid}]: disconnect from app{host}.internal[10.20.0.{host}] ehlo=1 mail=4 rcpt=5 data=4 quit=1 commands=15")
            if random_source.random() < 0.9:
                log(0, f"postfix/smtpd[{pid}]: {queue_id}: client=app{host}.internal[10.20.0.{host}]")
            log(0.1, f"postfix/cleanup[{pid + 7}]: {queue_id}: message-id=<{queue_id.lower()}.{pid}@app{host}.internal>")
        sender, count = message["sender"], len(message["recipients"])
        log(0.1, f"postfix/qmgr[417]: {queue_id}: from=<{sender}>, size={message['size']}, nrcpt={count} (queue active)")
        message["recipients"] = [r for r in message["recipients"] if not self.attempt(message, r, when, log)]
        if not message["recipients"]:
            log(1.6, f"postfix/qmgr[417]: {queue_id}: removed")
        elif message["tries"] >= 2:
            log(1.7, f"postfix/qmgr[417]: {queue_id}: from=<{sender}>, status=expired, returned to sender")
            for _, domain in message["recipients"]:
                self.by_domain[domain[0]]["expired"] += 1
            message["recipients"] = []
            log(1.8, f"postfix/bounce[{pid + 3}]: {queue_id}: sender non-delivery notification: {self.queue + 5:011X}F")
            log(1.9, f"postfix/qmgr[417]: {queue_id}: removed")
        message["tries"] += 1
        return lines

    def attempt(self, message, recipient, when, log):
        """One delivery attempt; True if the recipient is done."""
        random_source = self.random
        address, (domain, mx, provider, ip) = recipient
        queue_id, smtp = message["id"], f"postfix/smtp[{message['pid'] + 31}]: "
        if random_source.random() < 0.6:
            log(0.5, smtp + f"Untrusted TLS connection established to {mx}[{ip}]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 "
                "(256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256")
        first, delay = random_source.random() * 0.3, when - message["born"] + random_source.random() * 2
        to = f"{queue_id}: to=<{address}>, relay="
        delays = f", delay={seconds(delay)}, delays={seconds(delay - first) if delay > 9 else 0.02}/0.01/{seconds(first)}/0.4, dsn="
        draw = random_source.random() if message["tries"] == 0 else 0.3 * random_source.random()
        if draw >= 0.125:
            log(1.2, f"{smtp}{to}{mx}[{ip}]:25{delays}2.0.0, status=sent (250 2.0.0 OK  {int(when)} {queue_id.lower()}si{message['pid']}wrm.{message['pid'] % 900} - gsmtp)")
            self.count(domain, "delivered")
            return True
        if draw < 0.015:
            text, status, cause = random_source.choice(LOCAL)
            text = text.format(mx=mx, ip=ip, domain=domain)
            if draw < 0.005:  # not tried: the destination was down for an earlier message
                smtp, text = smtp.replace("/smtp", "/error"), f"delivery temporarily suspended: {text}"
            log(1.3, f"{smtp}{to}none{delays}{status}, status=deferred ({text})")
            self.count(domain, "deferred", status, cause)
            return False
        permanent = draw > 0.055
        text, stage, cause = self.replies.draw(provider, "5" if permanent else "4")
        own = re.match(r"\d\d\d[- ](\d\.\d{1,3}\.\d{1,3})\b", text)
        status = own.group(1) if own and own.group(1)[0] == text[0] else text[0] + ".0.0"
        said = f"host {mx}[{ip}] said: {text} (in reply to {stage} command)"
        result = "bounced" if permanent else "deferred"
        if not permanent and random_source.random() < 0.05:
            log(1.2, f"{smtp}{queue_id}: {said}")
        log(1.3, f"{smtp}{to}{mx}[{ip}]:25{delays}{status}, status={result} ({said})")
        if permanent:
            log(1.4, f"postfix/bounce[{message['pid'] + 3}]: {queue_id}: sender non-delivery notification: {self.queue + 5:011X}F")
        self.count(domain, result, rule_replies.enhanced_code(text, status), cause)
        return permanent

    def count(self, domain, result, code=None, cause=None):
        self.truth["attempts"][result] += 1
        self.by_domain[domain][result] += 1
        if code:
            self.truth["enhanced_codes"][code] += 1
            self.truth["causes"][cause] += 1

    def batches(self):
        """Lines in the order of time, some hundred messages at once: as in a real log the messages run through each other."""
        while True:
            pending = []
            for _ in range(400):
                self.clock += self.random.expovariate(4.0)
                if self.waiting and self.waiting[0][0] < self.clock:
                    message = heapq.heappop(self.waiting)[2]
                else:
                    message = self.new_message(self.clock)
                pending.extend(self.deliver(message, self.clock))
                if message["recipients"]:
                    self.serial += 1
                    heapq.heappush(self.waiting, (self.clock + 300 * 2 ** message["tries"], self.serial, message))
                if self.random.random() < 0.09:
                    pending.append((self.clock, self.stamp(self.clock) % 1 + "postfix/smtpd[901]: NOQUEUE: reject: RCPT from unknown[198.51.100.7]: "
                                    "554 5.7.1 <x@inside.example>: Relay access denied; from=<a@b.example> to=<x@inside.example> proto=ESMTP helo=<pc>"))
            # Stable, by time; the end of a batch may overlap the next in time by a second or two, as lines of two hosts do.
            pending.sort(key=lambda entry: entry[0])
            yield [line for _, line in pending]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=2_000_000, help="at least so many; whole messages")
    parser.add_argument("--out", required=True)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--domains", type=int, default=20000, help="length of the tail")
    arguments = parser.parse_args()
    log, written = Log(arguments), 0
    with open(arguments.out, "w", encoding="utf-8", errors="surrogateescape", newline="\n", buffering=1 << 20) as out:
        for lines in log.batches():
            out.write("\n".join(lines) + "\n")
            written += len(lines)
            if written >= arguments.lines:
                break
    with open(arguments.truth, "w", encoding="utf-8") as out:
        json.dump({"lines": written, **log.truth, "domains": log.by_domain}, out)


if __name__ == "__main__":
    main()
