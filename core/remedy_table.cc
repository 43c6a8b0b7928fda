// The advice itself, one entry a cause, in the order of the enumeration. The checks stand in the order in which they
// pay: what is most often wrong and cheapest to test comes first.
#include <array>

#include "core/remedies.h"

namespace dsnwatch::core {
namespace {

constexpr std::string_view kKeep = "keep: the address is fine";
constexpr std::string_view kHoldAndFix = "hold what goes to this provider, send again after the repair";

constexpr std::array<Remedy, kCauseCount> kRemedies = {{
    // unknown
    {"No rule knows this reply, so nothing certain can be said about it.",
     {"Read the reply word for word, all of its lines: the reason may stand behind the code",
      "Compare with what the same provider answers to your other mail at the same hour",
      "Write a rule for it, so that it counts under its cause next time"},
     "whoever can read the reply",
     "keep: never suppress on a reply that nobody understood",
     "retry 4xx as usual; do not send a 5xx again unchanged"},
    // spf_fail
    {"The address that connected may not send for the MAIL FROM domain according to its SPF record, or that record is "
     "missing or broken.",
     {"Does the record allow the sending IP {ip}: dig +short TXT {domain}  (a forgotten include: of the sending "
      "service is the usual fault)",
      "Is it one record only, with at most 10 DNS look-ups in all and no syntax error?",
      "Was the mail forwarded? Then the forwarder's IP is judged: use SRS there, or let an aligned DKIM signature "
      "carry "
      "it and end the record in ~all"},
     "whoever keeps the DNS of the sender domain",
     kKeep,
     "hold this domain's mail to this provider until the record has changed (allow its TTL)"},
    // dkim_fail
    {"The message carries no DKIM signature, or one that does not verify.",
     {"Is mail of {domain} signed at all? Look at Authentication-Results of a copy that arrived",
      "Is the public key there and whole: dig +short TXT SELECTOR._domainkey.{domain}",
      "Does something change the message after signing (footer, scanner, mailing list), or is the clock wrong?"},
     "the mail administrator or the sending service",
     kKeep,
     "hold bulk mail of this domain, send again after the repair"},
    // dmarc_fail
    {"The domain in the From header failed DMARC: neither SPF nor DKIM passed for that same domain, or a record that "
     "the receiver demands is missing.",
     {"What does the From domain publish: dig +short TXT _dmarc.{domain}",
      "Does SPF or DKIM pass with the domain that readers see in From? At a sending service set up an own return path "
      "and an own d=",
      "Is somebody sending with a free-mail address in From, or through a list or forwarder that alters mail? Change "
      "From there"},
     "whoever keeps the DNS of the From domain, or the sending service",
     kKeep,
     "stop the stream that fails; other streams of the domain may go on"},
    // unauthenticated
    {"The receiver takes only authenticated mail, and neither SPF nor DKIM passed.",
     {"Is {ip} in the SPF record: dig +short TXT {domain}",
      "Does the message carry a valid DKIM signature of your domain?",
      "Does a web server or device send past the authenticated relay, or over IPv6 without PTR, SPF and DKIM?"},
     "the sender's mail administrator",
     kKeep,
     kHoldAndFix},
    // ptr_missing
    {"The reverse DNS name of the sending IP is missing, generic, or does not lead back to the IP.",
     {"Is there a name: dig +short -x {ip}", "Does that name resolve to {ip} again (A or AAAA)?",
      "Is it a name of its own, close to the HELO name, without words such as dynamic, pool or the address itself?"},
     "the owner of the IP: hosting provider or ISP",
     kKeep,
     "hold mail from this IP; other IPs may go on; new reverse DNS needs up to two days"},
    // helo_invalid
    {"The name your server gives in HELO or EHLO is no full host name, does not resolve, or belongs to somebody else.",
     {"Is the configured host name a full name that resolves to {ip}?",
      "Does the server behind NAT or a cloned machine announce localhost, an inner name or the receiver's own name?",
      "Is it the same name on every connection from this IP?"},
     "the sender's mail administrator",
     kKeep,
     kHoldAndFix},
    // sender_invalid
    {"The envelope sender or From address cannot exist in the receiver's eyes: its domain does not resolve, takes no "
     "mail, or the address failed a call-back.",
     {"Has the domain an MX or an address: dig +short MX {domain}",
      "Would the address accept a bounce sent from outside?",
      "Is it a typing error, an expired domain, or an inner name such as user@localhost?"},
     "whoever keeps the DNS of the sender domain",
     kKeep,
     "hold this sender; a 451 may be trouble with the receiver's resolver: retry that"},
    // ip_blocklisted
    {"The sending IP is on a public block list that this receiver uses.",
     {"Ask the list itself: dig +short {reversed_ip}.{list_zone}  (no answer: it was removed, retry in a few hours)",
      "Find why: today's outbound volume by account, hacked accounts or forms, infected hosts behind the same address",
      "Stop that stream first, then use the removal procedure of that list; asked too early, the next listing is "
      "longer"},
     "the sender's mail administrator, then the operator of the list",
     kKeep,
     "stop or reroute this IP towards receivers that use the list; never rotate addresses to get round it"},
    // ip_blocked
    {"The receiver, its filter vendor or one of its customers refuses this IP by a list of its own.",
     {"Whose list is it? The code and the link in the reply tell; the request goes to {form}",
      "Check SPF, DKIM, PTR and the public lists before you ask: every form wants to know",
      "Ask once, with the IP {ip}, the whole reply and what you have changed"},
     "the receiving postmaster (for a customer's list: the recipient's administrator)",
     kKeep,
     "pause this IP towards this provider, with hours between probes"},
    // domain_blocklisted
    {"A domain that identifies you (MAIL FROM, From, HELO, reverse DNS, DKIM d=) is on a block list.",
     {"Which domain is it, and on which list: dig +short {domain}.{list_zone}",
      "Why: a hacked web site, bought addresses, or a domain registered yesterday?",
      "Repair that, then ask the list to remove the domain"},
     "the sender, then the operator of the list",
     kKeep,
     "stop this domain wherever the list is used; another IP does not help"},
    // ip_reputation
    {"The receiver has a poor opinion of the sending IP: complaints, traps, jumps in volume, or no history at all.",
     {"Compare the volume of the last days with what is normal; a new IP needs weeks of warming up",
      "Look at complaints and scores in the provider's own console: {form}",
      "Count unknown and inactive recipients of the last campaigns and drop them"},
     "the sender",
     "keep, but drop whoever complained",
     "slow down: fewer connections, the most engaged recipients first; do not change the IP"},
    // domain_reputation
    {"The receiver has a poor opinion of the sender domain, whichever IP sends for it.",
     {"Look at the domain in the provider's console: {form}",
      "What changed: content, source of addresses, frequency, a new stream on the same domain?",
      "Give transactional and marketing mail subdomains of their own and mail only those who open it for some weeks"},
     "the sender",
     kKeep,
     "slow or stop bulk mail; transactional mail goes on"},
    // list_quality
    {"Too much of your mail goes to addresses that do not exist or to traps, so the receiver shuts out the source.",
     {"Count unknown users in the last send, by source of the addresses",
      "Does something test addresses by SMTP, or send to a bought or very old list?",
      "Remove hard bounces at once and confirm every new address"},
     "the owner of the mailing list",
     "keep the one that saw this reply; suppress those that are unknown",
     "stop the campaign, wait an hour to a day, go on with a clean list"},
    // dynamic_ip
    {"The sending IP belongs to a range that is not meant to send mail directly: dial-up, residential or listed by "
     "policy.",
     {"Is it a home or office line or a cloud address? Send through your provider's relay",
      "Is it static? Give it a name without dyn, pool or dsl: dig +short -x {ip}, then have it taken off the policy "
      "list",
      "Does a device or an infected host on that network send directly?"},
     "the sender's mail administrator or ISP",
     kKeep,
     "route it through the relay now"},
    // spam
    {"The message was judged to be spam by its content, or by a score that mixes content and reputation.",
     {"SPF, DKIM, DMARC and reputation first: they are part of the score",
      "Links: shorteners, tracking hosts shared with strangers, text and target that differ",
      "Send variants (plain text, no links, other subject) to find what triggers it"},
     "the sender; for a false positive the receiving postmaster: {form}",
     kKeep,
     "this message is lost; pause the campaign if more than a few per cent are hit"},
    // malware
    {"A virus, a phishing text or a dangerous link or file was found.",
     {"Scan the message, its attachments and the pages it links to",
      "Search for a hacked account or web site that sends such mail",
      "A false alarm: hand the file to the scanner that the reply names"},
     "the sender's administrator",
     kKeep,
     "stop this stream at once"},
    // attachment_blocked
    {"The kind of attachment is not allowed: file type, macros, archives, encrypted or nested content.",
     {"Which types are inside, within archives too?", "Put the file on a share and send the link",
      "Password-protected archives are refused by many: send them another way"},
     "the author of the message",
     kKeep,
     "nothing to do for other mail"},
    // url_blocked
    {"A link in the message leads to a domain that is listed or limited.",
     {"Which one? Look up all of them, tracking and image hosts included: dig +short {domain}.{list_zone}",
      "Remove or replace it; ask the list for removal if it is yours",
      "A tracking domain shared with other customers: get your own"},
     "the sender, then the operator of the list",
     kKeep,
     "stop the template that holds the link"},
    // message_too_large
    {"The message is larger than the receiver or the mailbox allows.",
     {"Encoding adds a third: 10 MB of files become about 14 MB of mail",
      "The limit stands in the reply or in the server's EHLO answer (SIZE)", "Send a link in place of the file"},
     "the author of the message",
     "keep: never suppress for a size",
     "nothing to do for other mail"},
    // malformed
    {"The message itself breaks the mail format: headers missing or doubled, bad MIME, lines too long, bare line "
     "feeds.",
     {"Which header or rule does the reply name?",
      "Which program made the message, and which gateway adds headers on the way?",
      "Check a raw copy: CRLF at line ends, one From, one Date, one Message-ID, lines below 998 octets"},
     "the developer of the sending software",
     kKeep,
     "stop the template or program that makes it"},
    // policy
    {"The receiver refuses the message by a rule of its own and does not say which.",
     {"Read the whole reply for a link, a code or the words of an administrator",
      "Go through SPF, DKIM, DMARC, reverse DNS and block lists in this order",
      "Ask the recipient by another way, then the postmaster: {form}"},
     "the recipient's administrator or the receiving postmaster",
     "keep; suppress after three such refusals over weeks",
     "go on, and watch the share per provider"},
    // relay_denied
    {"The server you talked to does not take mail for that recipient domain from you.",
     {"Is it the right server today? Compare the MX of the recipient's domain with the host in the log",
      "Does one of your own routes point to a wrong or old relay?",
      "If it is your own relay: is the client logged in or within its networks?"},
     "the recipient's administrator (MX), or your own (routes)",
     "keep; suppress after repeats over days",
     "retry once after the MX record's TTL"},
    // recipient_restricted
    {"The mailbox or group takes mail only from colleagues, members or senders it knows.",
     {"Is it the right address? Groups are often for insiders only",
      "Ask its owner to let outside senders in or to add yours", "Nothing is wrong on your side"},
     "the recipient's administrator",
     "suppress for bulk mail; keep for personal mail",
     "nothing to do for other mail"},
    // sender_blocked
    {"The recipient or their organisation blocks this sender address or domain.",
     {"A block by one person: respect it", "A rule of the organisation: ask its administrator by another way",
      "Is your address forged or your account abused, so that they had a reason?"},
     "the recipient or the recipient's administrator",
     "suppress when a person blocked you; else keep",
     "nothing to do for other mail"},
    // sender_suspended
    {"Your own account, tenant or provider stopped you: a quota, a ban, or signs of a hijacked account.",
     {"Secure the account: password, second factor, forwarding rules, what lies in Sent",
      "Read what the provider's code means; quotas end by themselves after a day",
      "Ask your provider's support to lift it; send bulk mail through a service made for it"},
     "your own administrator or provider",
     "keep: nothing was delivered",
     "stop everything of this account until it is lifted"},
    // tls_required
    {"The connection must be encrypted (or encrypted better), and was not.",
     {"Does your server use STARTTLS when it is offered?",
      "TLS 1.2 or later with current ciphers, and no firewall in between that hides STARTTLS?",
      "Try it: openssl s_client -starttls smtp -connect MX-HOST:25"},
     "the sender's mail administrator",
     kKeep,
     kHoldAndFix},
    // smtp_auth_required
    {"The server wants a log-in, or the log-in was wrong.",
     {"Host, port (587 or 465), user name and password; many providers ask for an app password or OAuth",
      "Does the From address belong to the account that logs in?",
      "You deliver to the recipient's MX and get this? Then it is the wrong host: check the route"},
     "your own mail administrator",
     kKeep,
     "hold until the log-in works"},
    // rate_limited
    {"Too much mail in too short a time from this IP, domain or account.",
     {"Lower the messages per minute to this provider", "Spread campaigns and keep away from the full hour",
      "It stays at low volume? Then it is reputation: look at the provider's console: {form}"},
     "the sender",
     kKeep,
     "slow down; wait 15 to 30 minutes before the next try, a day for daily limits"},
    // too_many_connections
    {"Too many connections at the same time, or opened too fast.",
     {"Count parallel connections from this IP to this provider, over all MTAs behind it",
      "Send more messages on each connection up to the provider's limit", "Lower the concurrency for this destination"},
     "the sender's mail administrator",
     kKeep,
     "halve the concurrency for an hour"},
    // too_many_recipients
    {"Too many recipients in one message or one session.",
     {"Lower the recipients per message for this destination (100 is safe nearly everywhere)",
      "Send the remaining ones in another transaction, after a 5xx too",
      "Does a hacked account send to very many at once?"},
     "the sender's mail administrator",
     "keep: never suppress",
     "split the message and go on"},
    // recipient_throttled
    {"This one mailbox gets more mail at present than it may take.",
     {"Who floods it? Alerts, tests, forwarding", "Bundle notifications into fewer messages",
      "Retry over the next hours"},
     "nobody: time heals it",
     "keep: never suppress for this, not even after a 5xx",
     "slow down for this recipient only"},
    // greylisted
    {"The receiver puts off whom it does not know yet, and takes the message at a later try.",
     {"Do you retry from the same IP, after 5 to 15 minutes?",
      "With a pool of addresses keep a deferred message on one of them",
      "Still refused after a day? Then the text hides another reason"},
     "nobody: the retry does it",
     kKeep,
     "retry as usual"},
    // user_unknown
    {"There is no such mailbox.",
     {"A typing error in the address?", "Did the person leave, or was the address never confirmed?",
      "Was it said at RCPT? After DATA, or from a filter, it may mean something else"},
     "the owner of the mailing list",
     "suppress at once when a 5xx says so at RCPT, else after the second time",
     "nothing to do for other mail; watch the share of unknown users"},
    // bad_address_syntax
    {"The recipient address is not a valid address.",
     {"Blanks, quotes, double dots, a missing domain or a comma in the address?",
      "Does a program build addresses from a broken template?", "Check addresses where they are entered"},
     "the owner of the mailing list",
     "correct or suppress it",
     "nothing to do for other mail"},
    // mailbox_full
    {"The mailbox is over its quota.",
     {"Retry over two to five days", "Full for weeks? The mailbox is probably abandoned",
      "Reach the person another way if it matters"},
     "the recipient",
     "keep; suppress after three such bounces over two weeks or more",
     "nothing to do for other mail"},
    // mailbox_disabled
    {"The mailbox exists but is closed, suspended or inactive.",
     {"Permanent words (closed, disabled): treat it as gone", "Temporary words (locked for now): retry over some weeks",
      "Reach the person another way if it matters"},
     "the recipient or their provider",
     "suppress when it happens again a day later",
     "nothing to do for other mail"},
    // domain_not_found
    {"The recipient's domain does not exist, takes no mail, or is not hosted where its MX points.",
     {"A typing error in the domain? Ask DNS: dig +short MX RECIPIENT-DOMAIN",
      "Is the answer the same from another resolver and another day?",
      "Does the MX point to a provider that no longer knows the domain?"},
     "the recipient's DNS administrator",
     "suppress the domain when it is confirmed a day later",
     "nothing to do for other mail"},
    // dns_failure
    {"A DNS question could not be answered for now.",
     {"Does your own resolver work, for other domains too?",
      "Do the domain's name servers answer, with a valid DNSSEC chain?", "Retry"},
     "nobody, or the administrator of the broken DNS",
     kKeep,
     "retry as usual"},
    // connection_failed
    {"The server could not be reached or dropped the connection without a reply.",
     {"From all of your IPs or only one? Only one: a block in disguise",
      "Your own firewall, or a cloud provider that closes port 25?", "Try it by hand: nc -v MX-HOST 25"},
     "the administrator of either side",
     "keep; give up the domain only after weeks",
     "retry as usual"},
    // tls_failed
    {"The encrypted connection could not be set up: handshake, certificate, DANE or MTA-STS.",
     {"Look at the certificate: openssl s_client -starttls smtp -connect MX-HOST:25",
      "DANE or MTA-STS: does the published policy match it?", "Is your own policy stricter than it has to be?"},
     "mostly the receiving administrator",
     kKeep,
     "retry; do not fall back to plain text where a policy forbids it"},
    // server_error
    {"The receiving server has trouble of its own: disk, back end, configuration, overload.",
     {"Retry with the usual back-off", "It lasts for a day? Tell the receiving postmaster: {form}",
      "Only for mail of one kind? Then read the reply again: it may be a veiled refusal"},
     "the receiving administrator",
     kKeep,
     "retry as usual"},
    // protocol_error
    {"A command was wrong, out of order or not supported.",
     {"Read the reply before it: 'no valid recipients' follows from a refused RCPT",
      "Does a firewall or proxy rewrite SMTP on the way?",
      "Does your software talk before the greeting, or use an extension that was not offered?"},
     "the maker or administrator of the sending software",
     kKeep,
     "retry 4xx; look into every 5xx"},
    // mail_loop
    {"The message goes in a circle: a forward that leads back, or an MX that points to itself.",
     {"Read the Received headers of the bounce: which two hosts alternate?",
      "The recipient's forwarding, or your own transport table?", "Do not retry before it is repaired"},
     "the recipient's administrator, or your own",
     "suppress after repeats",
     "nothing to do for other mail"},
    // expired
    {"The queue gave the message up; the reason is the last temporary error.",
     {"Look at the deferrals of this recipient before the end", "Is the whole domain affected, or only this recipient?",
      "Is the life time of the queue (four to five days) long enough?"},
     "depends on the last temporary error",
     "keep; counts as one soft bounce",
     "treat it as the last temporary error says"},
}};

}  // namespace

const Remedy& remedy(Cause cause) {
  return kRemedies[static_cast<std::size_t>(cause)];
}

}  // namespace dsnwatch::core
