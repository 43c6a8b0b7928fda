"""Writes the log of a Postfix that delivers, defers, bounces and gives up, and knows what must be counted for it."""
import collections
import datetime
import os
import random

# name, recipient domain, relay, provider, status of the MTA, dsn, what the server said, cause or None where accepted
OUTCOMES = [
    ("gmail.com", "gmail-smtp-in.l.google.com[192.0.2.26]:25", "google", "sent", "2.0.0", "250 2.0.0 OK - gsmtp", None),
    ("gmail.com", "gmail-smtp-in.l.google.com[192.0.2.26]:25", "google", "bounced", "5.7.26",
     "550-5.7.26 This mail has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all senders "
     "to authenticate with either SPF or DKIM. 550 5.7.26 https://support.google.com/mail/answer/81126 - gsmtp",
     "unauthenticated"),
    ("gmail.com", "gmail-smtp-in.l.google.com[192.0.2.26]:25", "google", "deferred", "4.2.2",
     "452-4.2.2 The recipient's inbox is out of storage space. 452 4.2.2 https://support.google.com/mail/?p=OverQuotaTemp "
     "- gsmtp", "mailbox_full"),
    ("example.org", "mx.example.org[192.0.2.30]:25", "other", "sent", "2.0.0", "250 2.0.0 Ok: queued as 4XYZ", None),
    ("example.org", "mx.example.org[192.0.2.30]:25", "other", "bounced", "5.1.1",
     "550 5.1.1 <{to}>: Recipient address rejected: User unknown in local recipient table", "user_unknown"),
    ("example.net", "mx.example.net[192.0.2.31]:25", "other", "deferred", "4.2.0",
     "450 4.2.0 <{to}>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.net.html",
     "greylisted"),
]
SENDERS = ["news@alpha.example", "billing@beta.example", "info@gamma.example", ""]
RESULTS = {"sent": "delivered", "deferred": "deferred", "bounced": "bounced"}


class Message:
    def __init__(self, queue_id, sender, recipients):
        self.queue_id, self.sender, self.waiting = queue_id, sender, recipients  # recipient → outcome of its last deferral


class LogWriter:
    """Not thread-safe. All families' truth by (family, labels), as running_daemon.parse() gives them."""

    def __init__(self, path, seed):
        self.path, self.random = path, random.Random(seed)
        self.truth = collections.Counter()
        self.lines, self.rotations, self.queue_number = 0, 0, 0
        self.messages = []
        self.file = open(path, "ab", buffering=0)

    def step(self):
        """A few lines: a message comes in, or one that is there moves on."""
        if len(self.messages) < 30 or self.random.random() < 0.3:
            self.receive()
        else:
            self.attempt(self.random.choice(self.messages))
        if self.random.random() < 0.05:
            self.refuse_client()

    def receive(self, domain=None):
        self.queue_number += 1
        sender = self.random.choice(SENDERS)
        message = Message(f"{self.queue_number:010X}", sender, {})
        for number in range(self.random.randint(1, 3)):
            outcome = self.random.choice(OUTCOMES)
            to = f"user{number}@{domain or outcome[0]}"
            message.waiting[to] = outcome
        queue_id = message.queue_id
        self.line("smtpd", f"{queue_id}: client=app.example[10.0.0.9]")
        self.line("cleanup", f"{queue_id}: message-id=<{queue_id}@app.example>")
        self.line("qmgr", f"{queue_id}: from=<{sender}>, size=2000, nrcpt={len(message.waiting)} (queue active)")
        self.messages.append(message)
        return message

    def attempt(self, message):
        """One try for each recipient that waits, or the end of the message's time."""
        deferred_before = [o for o in message.waiting.values() if getattr(message, "tried", False)]
        if deferred_before and self.random.random() < 0.3:
            return self.expire(message)
        for to in list(message.waiting):
            self.deliver(message, to, self.outcome_for(message.waiting[to]))
        message.tried = True
        if not message.waiting:
            self.line("qmgr", f"{message.queue_id}: removed")
            self.messages.remove(message)

    def outcome_for(self, outcome):
        """Of the same server as `outcome`, so that a recipient keeps its provider."""
        return self.random.choice([o for o in OUTCOMES if o[0] == outcome[0]] + [outcome])

    def deliver(self, message, to, outcome):
        _, relay, provider, status, dsn, reply, cause = outcome
        reply = reply.format(to=to)
        host = relay.removesuffix(":25")
        said = f"({reply})" if cause is None else f"(host {host} said: {reply} (in reply to RCPT TO command))"
        self.line("smtp", f"{message.queue_id}: to=<{to}>, relay={relay}, delay={self.random.choice(['0.4', '7', '95'])}, "
                          f"delays=0.1/0/0.1/0.2, dsn={dsn}, status={status} {said}")
        self.count(message, to.split("@")[1], provider, RESULTS[status], dsn, cause)
        if status == "deferred":
            message.waiting[to] = outcome
        else:
            del message.waiting[to]

    def expire(self, message):
        self.line("qmgr", f"{message.queue_id}: from=<{message.sender}>, status=expired, returned to sender")
        for outcome in message.waiting.values():
            self.add("dsnwatch_expired_total", mta="postfix", provider=outcome[2], cause=outcome[6])
        self.line("qmgr", f"{message.queue_id}: removed")
        self.messages.remove(message)

    def refuse_client(self):
        self.line("smtpd", "NOQUEUE: reject: RCPT from unknown[203.0.113.5]: 554 5.7.1 <a@b.example>: Relay access denied; "
                           "from=<x@y.example> to=<a@b.example> proto=ESMTP helo=<z>")
        self.add("dsnwatch_inbound_rejections_total", mta="postfix", result="rejected", enhanced_code="5.7.1", cause="relay_denied")

    def newborn(self, domain):
        """An attempt for a recipient domain that was never seen before."""
        message = self.receive(domain)
        for to, outcome in list(message.waiting.items()):
            self.deliver(message, to, outcome)
        message.tried = True

    def count(self, message, domain, provider, result, code, cause):
        sender = message.sender.split("@")[1] if message.sender else "<>"
        keys = [("", {"mta": "postfix"}), ("domain_", {"domain": domain}), ("sender_", {"sender_domain": sender})]
        for family, labels in keys:
            self.add(f"dsnwatch_{family}attempts_total", provider=provider, result=result, **labels)
            if cause:
                self.add(f"dsnwatch_{family}rejections_total", provider=provider, result=result, enhanced_code=code, cause=cause, **labels)

    def add(self, family, **labels):
        self.truth[(family, tuple(sorted(labels.items())))] += 1

    def line(self, daemon, text):
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")
        data = f"{now} mx1 postfix/{daemon}[100]: {text}\n".encode()
        cut = self.random.randrange(len(data)) if self.random.random() < 0.1 else 0
        for part in (data[:cut], data[cut:]):  # A reader may see half a line.
            if part:
                self.file.write(part)
        self.lines += 1

    def rotate(self):
        """As logrotate does: every generation gets the next number; the writer goes on in the old file for a while."""
        for number in range(self.rotations, 0, -1):
            os.rename(f"{self.path}.{number}", f"{self.path}.{number + 1}")
        os.rename(self.path, f"{self.path}.1")
        self.rotations += 1
        new = open(self.path, "ab", buffering=0)
        for _ in range(self.random.randrange(5)):
            self.step()
        self.file.close()
        self.file = new

    def close(self):
        self.file.close()
