"""SMTP servers of a test's own, one thread a connection: they answer as told, and count what they answered."""
import collections
import socketserver
import threading


class Answer:
    """A refusal: the lines of a reply, at which stage, and what dsnwatch must make of it."""

    def __init__(self, key, stage, lines, enhanced_code, cause, result):
        self.key, self.stage, self.lines = key, stage, lines
        self.enhanced_code, self.cause, self.result = enhanced_code, cause, result


class MxServer:
    """Receives for some domains on an address of its own. A recipient or sender `KEY+anything@domain` gets the answer KEY,
    every other is accepted. `banner` refuses each session; every message to this server then has to have
    `recipients_per_session` recipients, since the server never hears of them.

    Counts recipients: attempts (domain, result) and rejections (domain, result, enhanced code, cause).
    """

    def __init__(self, address, provider, answers=(), banner=None, recipients_per_session=1, banner_domain=None, on_message=None):
        self.provider, self.answers = provider, {answer.key: answer for answer in answers}
        self.banner, self.recipients_per_session, self.banner_domain = banner, recipients_per_session, banner_domain
        self.on_message = on_message
        self.attempts, self.rejections = collections.Counter(), collections.Counter()
        self.lock = threading.Lock()
        owner = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    Dialogue(owner, self.rfile, self.wfile).run()
                except OSError:
                    pass  # the client went away

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self.server = Server((address, 0), Session)
        self.address, self.port = self.server.server_address
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def count(self, domain, answer=None, recipients=1):
        with self.lock:
            self.attempts[domain, answer.result if answer else "delivered"] += recipients
            if answer:
                self.rejections[domain, answer.result, answer.enhanced_code, answer.cause] += recipients

    def totals(self):
        with self.lock:
            return collections.Counter(self.attempts), collections.Counter(self.rejections)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Dialogue:
    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer
        self.sender, self.recipients = "", []

    def say(self, *lines):
        self.writer.write("".join(line + "\r\n" for line in lines).encode())
        self.writer.flush()

    def answer_for(self, address, stage):
        answer = self.server.answers.get(address.partition("@")[0].partition("+")[0])
        return answer if answer and answer.stage == stage else None

    def run(self):
        if self.server.banner:
            self.server.count(self.server.banner_domain, self.server.banner, self.server.recipients_per_session)
            self.say(*self.server.banner.lines)
            return
        self.say("220 mx.test ESMTP")
        for line in self.reader:
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            verb = command[:4].upper()
            if verb == "QUIT":
                self.say("221 2.0.0 bye")
                return
            closing = {"EHLO": self.hello, "MAIL": self.mail, "RCPT": self.rcpt, "DATA": self.data}.get(verb, self.other)(command)
            if closing:
                return

    def hello(self, _):
        self.say("250-mx.test", "250-ENHANCEDSTATUSCODES", "250 8BITMIME")

    def other(self, command):
        if command.upper() == "RSET":
            self.sender, self.recipients = "", []
        self.say("250 2.0.0 Ok" if command[:4].upper() in ("RSET", "NOOP", "HELO") else "500 5.5.2 unknown command")

    def refuse(self, answer):
        self.say(*answer.lines)
        return answer.lines[0].startswith("421")  # 421 ends the session

    def mail(self, command):
        self.sender, self.recipients = command.partition("<")[2].partition(">")[0], []
        answer = self.answer_for(self.sender, "mail")
        if answer:
            # The injector's messages that are refused here have one recipient each, at the key's own domain.
            self.server.count(answer.key.partition(".")[2], answer)
            return self.refuse(answer)
        self.say("250 2.1.0 Ok")
        return False

    def rcpt(self, command):
        recipient = command.partition("<")[2].partition(">")[0]
        answer = self.answer_for(recipient, "rcpt")
        if answer:
            self.server.count(recipient.partition("@")[2], answer)
            return self.refuse(answer)
        self.recipients.append(recipient)
        self.say("250 2.1.5 Ok")
        return False

    def data(self, _):
        self.say("354 go ahead")
        lines = []
        for line in self.reader:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        answer = next((a for a in (self.answer_for(r, "eod") for r in self.recipients) if a), None)
        if answer is None and self.server.on_message:
            self.server.on_message(self.sender, self.recipients, b"".join(lines))
        for recipient in self.recipients:
            self.server.count(recipient.partition("@")[2], answer)
        if answer:
            return self.refuse(answer)
        self.say("250 2.0.0 Ok: queued as 1")
        return False
