#include "core/classify/blocklists.h"

namespace dsnwatch::core {
namespace {

using enum BlocklistScope;

// Where a text names two lists, the longer mark wins, so the general name of an operator stands behind its zones.
constexpr auto kBlocklists = std::to_array<Blocklist>({
    {"", "", kIp, "", "", {}},
    {"other", "a list that is not known", kIp, "", "", {}},
    {"spamhaus_zen",
     "Spamhaus ZEN",
     kIp,
     "zen.spamhaus.org",
     "https://check.spamhaus.org/",
     {"zen.spamhaus", "zen.dq.spamhaus.net", "spamhaus zen", "spamhaus-zen"}},
    {"spamhaus_sbl",
     "Spamhaus SBL",
     kIp,
     "sbl.spamhaus.org",
     "https://check.spamhaus.org/",
     {"sbl.spamhaus", "spamhaus.org/sbl", "spamhaus sbl", "spamhaus-sbl", "sbl.dq.spamhaus.net"}},
    {"spamhaus_css",
     "Spamhaus CSS",
     kIp,
     "sbl.spamhaus.org",
     "https://check.spamhaus.org/",
     {"spamhaus.org/css", "spamhaus css", "css.spamhaus", "sbl css", "sblcss"}},
    {"spamhaus_xbl",
     "Spamhaus XBL",
     kIp,
     "xbl.spamhaus.org",
     "https://check.spamhaus.org/",
     {"xbl.spamhaus", "spamhaus.org/xbl", "spamhaus xbl", "spamhaus-xbl", "cbl.abuseat.org", "abuseat"}},
    {"spamhaus_pbl",
     "Spamhaus PBL",
     kPolicy,
     "pbl.spamhaus.org",
     "https://check.spamhaus.org/",
     {"pbl.spamhaus", "spamhaus.org/pbl", "spamhaus pbl", "spamhaus-pbl"}},
    {"spamhaus_drop",
     "Spamhaus DROP",
     kIp,
     "",
     "https://www.spamhaus.org/drop/",
     {"spamhaus drop", "spamhaus.org/drop", "spamhaus edrop"}},
    {"spamhaus_dbl",
     "Spamhaus DBL",
     kDomain,
     "dbl.spamhaus.org",
     "https://check.spamhaus.org/",
     {"dbl.spamhaus", "spamhaus.org/dbl", "spamhaus dbl", "spamhaus-dbl", "dbl.dq.spamhaus.net"}},
    {"spamhaus", "Spamhaus", kIp, "zen.spamhaus.org", "https://check.spamhaus.org/", {"spamhaus"}},
    {"spamcop", "SpamCop", kIp, "bl.spamcop.net", "https://www.spamcop.net/bl.shtml", {"spamcop"}},
    {"barracuda",
     "Barracuda BRBL",
     kIp,
     "b.barracudacentral.org",
     "https://www.barracudacentral.org/lookups",
     {"barracudacentral", "bb.barracudacentral.org", "brbl"}},
    {"abusix", "Abusix Mail Intelligence", kIp, "combined.mail.abusix.zone", "https://lookup.abusix.com/", {"abusix"}},
    {"uceprotect",
     "UCEPROTECT",
     kIp,
     "dnsbl-1.uceprotect.net",
     "https://www.uceprotect.net/rblcheck.php",
     {"uceprotect"}},
    {"sorbs", "SORBS (closed)", kIp, "dnsbl.sorbs.net", "", {"sorbs.net", "sorbs"}},
    {"psbl", "Passive Spam Block List", kIp, "psbl.surriel.com", "https://psbl.org/", {"psbl.surriel.com", "psbl"}},
    {"invaluement", "Invaluement", kIp, "", "https://www.invaluement.com/lookup/", {"invaluement", "ivmsip"}},
    {"mailspike", "Mailspike", kIp, "bl.mailspike.net", "https://mailspike.org/iplookup.html", {"mailspike"}},
    {"spfbl", "SPFBL", kIp, "dnsbl.spfbl.net", "https://spfbl.net/en/delist/", {"spfbl.net", "spfbl"}},
    {"backscatterer",
     "Backscatterer",
     kIp,
     "ips.backscatterer.org",
     "https://www.backscatterer.org/",
     {"backscatterer"}},
    {"dronebl", "DroneBL", kIp, "dnsbl.dronebl.org", "https://dronebl.org/lookup", {"dronebl"}},
    {"nixspam", "NiX Spam (closed)", kIp, "ix.dnsbl.manitu.net", "", {"dnsbl.manitu.net", "nixspam", "nix spam"}},
    {"hostkarma",
     "Hostkarma",
     kIp,
     "hostkarma.junkemailfilter.com",
     "https://ipadmin.junkemailfilter.com/remove.php",
     {"hostkarma", "junkemailfilter.com"}},
    {"truncate", "GBUdb Truncate", kIp, "truncate.gbudb.net", "http://www.gbudb.com/truncate/", {"truncate.gbudb.net"}},
    {"wpbl", "WPBL", kIp, "db.wpbl.info", "https://www.wpbl.info/", {"wpbl.info"}},
    {"lashback",
     "LashBack UBL",
     kIp,
     "ubl.unsubscore.com",
     "https://blacklist.lashback.com/",
     {"unsubscore.com", "lashback"}},
    {"s5h", "s5h", kIp, "all.s5h.net", "https://www.usenix.org.uk/content/rbl.html", {"s5h.net"}},
    {"spamrats", "SpamRATS", kIp, "all.spamrats.com", "https://www.spamrats.com/lookup.php", {"spamrats"}},
    {"0spam", "0spam", kIp, "bl.0spam.org", "https://0spam.org/", {"0spam.org", "0spam.fusionzero.com"}},
    {"blocklist_de",
     "blocklist.de",
     kIp,
     "bl.blocklist.de",
     "https://www.blocklist.de/en/delist.html",
     {"blocklist.de"}},
    {"interserver",
     "InterServer RBL",
     kIp,
     "rbl.interserver.net",
     "https://rbl.interserver.net/",
     {"rbl.interserver.net", "interserver rbl"}},
    {"mcafee", "McAfee (Trellix) list", kIp, "cidr.bl.mcafee.com", "", {"bl.mcafee.com"}},
    {"senderscore",
     "Validity Sender Score",
     kIp,
     "bl.score.senderscore.com",
     "https://senderscore.org/",
     {"senderscore", "returnpath", "sender score"}},
    {"surbl", "SURBL", kUrl, "multi.surbl.org", "https://surbl.org/surbl-analysis", {"surbl"}},
    {"uribl", "URIBL", kUrl, "multi.uribl.com", "https://admin.uribl.com/", {"uribl.com", "uribl"}},
    {"rhsbl", "a domain list of SORBS (closed)", kDomain, "rhsbl.sorbs.net", "", {"rhsbl.sorbs.net"}},
    {"nordspam", "NordSpam", kIp, "bl.nordspam.com", "https://www.nordspam.com/delist/", {"nordspam"}},
    {"spamhaus_zrd", "Spamhaus ZRD", kDomain, "zrd.spamhaus.org", "https://check.spamhaus.org/", {"zrd.spamhaus"}},
    {"cloudmark_csi",
     "Cloudmark Sender Intelligence",
     kIp,
     "",
     "https://csi.cloudmark.com/en/reset/",
     {"csi.cloudmark", "cm-csi", "cloudmark sender intelligence", "blacklisted by csi"}},
    {"trend_ers",
     "Trend Micro Email Reputation",
     kIp,
     "",
     "https://servicecentral.trendmicro.com/en-us/ers/ip-lookup/",
     {"ers.trendmicro", "trend micro rbl", "trend micro email reputation", "mail-abuse.com", "mail-abuse.org"}},
    {"spamrl", "SpamExperts spamrl.com", kIp, "", "https://spamrl.com/", {"spamrl"}},
    {"cobion", "IBM X-Force (Cobion)", kIp, "dnsbl.cobion.com", "", {"cobion"}},
    {"fortiguard", "FortiGuard", kUrl, "", "https://www.fortiguard.com/learnmore#as", {"fortiguard"}},
});

}  // namespace

std::span<const Blocklist> blocklists() {
  return kBlocklists;
}

const Blocklist& blocklist(BlocklistId id) {
  return kBlocklists[id < kBlocklists.size() ? id : kOtherBlocklist];
}

BlocklistId find_blocklist(std::string_view id) {
  for (std::size_t i = 1; i < kBlocklists.size(); ++i) {
    if (kBlocklists[i].id == id) return static_cast<BlocklistId>(i);
  }
  return kNoBlocklist;
}

std::string_view blocklist_name(BlocklistId id) {
  return id < kBlocklists.size() ? kBlocklists[id].id : kBlocklists[kOtherBlocklist].id;
}

BlocklistId blocklist_count() {
  return static_cast<BlocklistId>(kBlocklists.size());
}

}  // namespace dsnwatch::core
