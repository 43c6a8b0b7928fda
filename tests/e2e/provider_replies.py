"""Refusals in the wording of big providers, with what dsnwatch must make of them: the test's own labels, not the rules'.

The addresses are of the documentation ranges, the ids made up. A key is the local part that asks for the answer; a refusal at
MAIL has its recipients' domain behind a dot in the key.
"""
from mx_servers import Answer

GMAIL = [
    Answer("nouser", "rcpt", [
        "550-5.1.1 The email account that you tried to reach does not exist. Please try",
        "550-5.1.1 double-checking the recipient's email address for typos or",
        "550-5.1.1 unnecessary spaces. For more information, go to",
        "550 5.1.1  https://support.google.com/mail/?p=NoSuchUser 5b1f17b1804b1-42cb1c6a9d2si871f8f.118 - gsmtp",
    ], "5.1.1", "user_unknown", "bounced"),
    Answer("full", "rcpt", [
        "452-4.2.2 The recipient's inbox is out of storage space. Please direct the",
        "452-4.2.2 recipient to",
        "452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp a640c23a62f3a-9ab7c33si42.7 - gsmtp",
    ], "4.2.2", "mailbox_full", "deferred"),
    Answer("reputation", "eod", [
        "550-5.7.1 [192.0.2.10      19] Gmail has detected that this message is",
        "550-5.7.1 likely suspicious due to the very low reputation of the sending IP",
        "550-5.7.1 address. To best protect our users from spam, the message has been",
        "550-5.7.1 blocked. For more information, go to",
        "550 5.7.1  https://support.google.com/mail/answer/188131 ffacd0b85a97d-3f2c7si1009.42 - gsmtp",
    ], "5.7.1", "ip_reputation", "bounced"),
    Answer("unauthenticated", "eod", [
        "550-5.7.26 Your email has been blocked because the sender is unauthenticated.",
        "550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.",
        "550-5.7.26  Authentication results:",
        "550-5.7.26  DKIM = did not pass",
        "550-5.7.26  SPF [sender.test] with ip: [192.0.2.10] = did not pass",
        "550 5.7.26  https://support.google.com/mail/answer/81126#authentication 2adb3069b0e04-53c0si77.9 - gsmtp",
    ], "5.7.26", "unauthenticated", "bounced"),
    Answer("netblock", "eod", [
        "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating",
        "421-4.7.28 from your IP Netblock [192.0.2.0/24]. To protect our users from spam,",
        "421-4.7.28 mail sent from your IP Netblock has been temporarily rate limited.",
        "421 4.7.28  https://support.google.com/mail/?p=UnsolicitedRateLimitError 38308e7fff4ca-2fdsi5.3 - gsmtp",
    ], "4.7.28", "rate_limited", "deferred"),
    Answer("direct.gmail.com", "mail", [
        "550-5.7.1 [192.0.2.10] The IP you're using to send mail is not authorized to",
        "550-5.7.1 send email directly to our servers. Please use the SMTP relay at your",
        "550-5.7.1 service provider instead. For more information, go to",
        "550 5.7.1  https://support.google.com/mail/?p=NotAuthorizedError 4fb4d7f45d1cf-5c9si3.1 - gsmtp",
    ], "5.7.1", "dynamic_ip", "bounced"),
]
GOOGLEMAIL_BANNER = Answer("", "connect", [
    "421-4.7.0 [192.0.2.10      15] Our system has detected an unusual rate of",
    "421-4.7.0 unsolicited mail originating from your IP address. To protect our",
    "421-4.7.0 users from spam, mail sent from your IP address has been temporarily",
    "421 4.7.0 rate limited. 5b1f17b1804b1-42cb1c6a9d2si871f8f.118 - gsmtp",
], "4.7.0", "rate_limited", "deferred")

OUTLOOK = [
    Answer("blocklist.outlook.com", "mail", [
        "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since "
        "part of their network is on our block list (S3150). You can also refer your provider to "
        "http://mail.live.com/mail/troubleshooting.aspx#errors. [Name=Protocol Filter Agent][AGT=PFA][MxId=11BC2F2A3D][DB5EUR02FT012.eop-EUR02.prod.protection.outlook.com]",
    ], "5.7.1", "ip_blocked", "bounced"),
    Answer("unavailable", "rcpt", [
        "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [AM7EUR06FT049.eop-eur06.prod.protection.outlook.com 2026-11-24T10:00:00.000Z 08DE2A]",
    ], "5.5.0", "user_unknown", "bounced"),
    Answer("authlevel", "eod", [
        "550 5.7.515 Access denied, sending domain SENDER.TEST doesn't meet the required authentication level. The sender's domain in the 5322.From "
        "address doesn't meet the authentication requirements defined for the sender. [VI1EUR05FT057.eop-eur05.prod.protection.outlook.com]",
    ], "5.7.515", "dmarc_fail", "bounced"),
]
HOTMAIL_BANNER = Answer("", "connect", [
    "421 RP-001 (BAY004-MC1F21) Unfortunately, some messages from 192.0.2.10 weren't sent. Please try again. We have limits for how many messages can be "
    "sent per hour and per day.",
], "4.0.0", "rate_limited", "deferred")

YAHOO = [
    Answer("noaccount", "rcpt", [
        "554 delivery error: dd This user doesn't have a yahoo.com account (noaccount@yahoo.com) [0] - mta4021.mail.ne1.yahoo.com",
    ], "5.0.0", "user_unknown", "bounced"),
    Answer("policy", "eod", [
        "554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/error-codes",
    ], "5.7.9", "policy", "bounced"),
    Answer("quota", "rcpt", [
        "552 5.2.2 The recipient's mailbox is full and can't accept messages now. See https://senders.yahooinc.com/smtp-error-codes#mailbox-full",
    ], "5.2.2", "mailbox_full", "bounced"),
]
AOL_BANNER = Answer("", "connect", [
    "421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
], "4.7.0", "ip_reputation", "deferred")
# A 5xx greeting does not bounce: Postfix tries again later (smtp_skip_5xx_greeting). The code stays what the server said.
YMAIL_BANNER = Answer("", "connect", [
    "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.10, because the ip is in Spamhaus's list; see https://postmaster.yahooinc.com/550-bl23",
], "5.7.1", "ip_blocklisted", "deferred")

# Our own content filter, an inner hop.
FILTER = [
    Answer("ownfilter", "eod", ["550 5.7.1 Message contains spam (score 17.3), rejected"], "5.7.1", "spam", "bounced"),
]
