"""What each shipped alert needs to fire: the table behind rules_test.py.

A counter is a list of (increase per 30 seconds, how often). A case begins with two quiet hours, then its trouble.
"""
import dataclasses

STEP = 30
QUIET = 240  # steps: two hours
TROUBLE = 120  # steps: one hour

INSTANCE = {"job": "dsnwatch", "instance": "mx1"}


def counter(name, quiet, trouble, **labels):
    return Counter(name, {**INSTANCE, **labels}, quiet, trouble)


@dataclasses.dataclass
class Counter:
    name: str
    labels: dict
    quiet: float  # increase a step
    trouble: float


@dataclasses.dataclass
class Gauge:
    """Values in promtool's own notation, for the quiet and the troubled time."""
    name: str
    labels: dict
    values: str


@dataclasses.dataclass
class Alert:
    """`low` times the trouble must stay silent: less than the floor of volume. `silent` is the trouble that is none."""
    name: str
    labels: dict
    trouble: list
    silent: list = None
    low: float = None
    minutes: int = 40  # of trouble, until it fires


def attempts(provider="google", quiet=50, trouble=50, **more):
    return counter("dsnwatch_attempts_total", quiet, trouble, mta="postfix", provider=provider, result="delivered", **more)


def rejections(code, cause, quiet, trouble, provider="google", result="bounced"):
    return counter("dsnwatch_rejections_total", quiet, trouble, mta="postfix", provider=provider, result=result, enhanced_code=code, cause=cause)


def domain(trouble, quiet=0, volume=20, name="example.com"):
    own = {"provider": "other", "domain": name}
    return [counter("dsnwatch_domain_attempts_total", volume, volume, **own, result="bounced"),
            counter("dsnwatch_domain_rejections_total", quiet, trouble, **own, result="bounced", enhanced_code="5.7.1", cause="policy")]


def listed(trouble, provider="yahoo"):
    return [counter("dsnwatch_blocklist_rejections_total", 0, trouble, blocklist="spamhaus_zen", source_ip="192.0.2.10"),
            counter("dsnwatch_ip_rejections_total", 0, trouble, source_ip="192.0.2.10", provider=provider, result="bounced",
                    enhanced_code="5.7.1", cause="ip_blocklisted")]


def keyed(family, label, value, volume, refused, code="5.7.1", cause="spam", provider="google"):
    """A sender domain or a stream: attempts (quiet, trouble) and refusals (quiet, trouble)."""
    own = {label: value, "provider": provider, "result": "bounced"}
    return [counter(f"dsnwatch_{family}_attempts_total", *volume, **own),
            counter(f"dsnwatch_{family}_rejections_total", *refused, **own, enhanced_code=code, cause=cause)]


def delays(within_1s, within_1h, provider="google"):
    """Deliveries a step of so many within a second and so many more within an hour, in trouble; quiet is all within a second."""
    own = {"provider": provider, "result": "delivered"}
    total = within_1s + within_1h
    buckets = [counter("dsnwatch_delivery_delay_seconds_bucket", total, within_1s, **own, le=le) for le in ("1.0", "900.0", "1800.0")]
    return [*buckets, counter("dsnwatch_delivery_delay_seconds_bucket", total, total, **own, le="3600.0"),
            counter("dsnwatch_delivery_delay_seconds_bucket", total, total, **own, le="+Inf"),
            counter("dsnwatch_delivery_delay_seconds_count", total, total, **own)]


GOOGLE = {"job": "dsnwatch", "provider": "google"}
SOURCE = {**INSTANCE, "source": "/var/log/mail.log"}

MAIL = [
    Alert("DsnwatchPolicyRejectionSpike", {**GOOGLE, "severity": "critical"},
          [attempts(), rejections("5.7.1", "ip_reputation", 0, 4), rejections("5.7.28", "spam", 0, 1), rejections("5.1.1", "user_unknown", 0.5, 0.5)],
          silent=[attempts(), rejections("5.1.1", "user_unknown", 0, 20), attempts("internal"), rejections("5.7.1", "spam", 0, 50, "internal")], low=0.15),
    Alert("DsnwatchDomainPolicyRejectionSpike", {"job": "dsnwatch", "provider": "other", "domain": "example.com", "severity": "warning"},
          domain(4), silent=[*domain(4, quiet=2), *domain(4, name="other")], low=0.2),
    Alert("DsnwatchAuthRejectionsStarted", {**GOOGLE, "cause": "spf_fail", "severity": "critical"},
          [attempts(quiet=200, trouble=200), rejections("5.7.23", "spf_fail", 0, 2), *keyed("sender", "sender_domain", "example.org", (5, 5), (0, 2), "5.7.23", "spf_fail")],
          silent=[attempts(), rejections("5.7.23", "spf_fail", 1, 4), rejections("5.7.26", "unauthenticated", 0, 4, "internal")], low=0.1, minutes=6),
    Alert("DsnwatchIPBlocklisted", {"job": "dsnwatch", "source_ip": "192.0.2.10", "blocklist": "spamhaus_zen", "severity": "critical"},
          listed(1), silent=listed(1, "internal"), low=0.05, minutes=5),
    Alert("DsnwatchSpikeExplainedByBlocklist", {"job": "dsnwatch", "provider": "yahoo", "severity": "none"},
          [*listed(2), attempts("yahoo"), rejections("5.7.1", "ip_blocklisted", 0, 2, "yahoo"), rejections("5.7.1", "spam", 0, 1, "yahoo")],
          silent=[*listed(2), attempts("yahoo"), rejections("5.7.1", "ip_blocklisted", 0, 2, "yahoo"), rejections("5.7.1", "spam", 0, 3, "yahoo")],
          low=0.03, minutes=6),
    Alert("DsnwatchThrottlingSurge", {**GOOGLE, "severity": "warning"},
          [attempts(), rejections("4.7.28", "rate_limited", 0, 10, result="deferred")],
          silent=[attempts(), rejections("4.7.28", "rate_limited", 0, 6, result="deferred"), rejections("4.2.2", "mailbox_full", 0, 30, result="deferred"),
                  attempts("internal"), rejections("4.7.0", "rate_limited", 0, 40, "internal", "deferred")], low=0.05),
    Alert("DsnwatchDestinationSuspended", {**GOOGLE, "severity": "warning"},
          [attempts(trouble=1), counter("dsnwatch_suspended_total", 0, 20, mta="postfix", provider="google", cause="ip_blocked")],
          silent=[attempts(), counter("dsnwatch_suspended_total", 0, 20, mta="postfix", provider="google", cause="ip_blocked"),
                  counter("dsnwatch_suspended_total", 0, 20, mta="postfix", provider="internal", cause="connection_failed")], low=0.05, minutes=55),
    Alert("DsnwatchUnknownUserRatioHigh", {**GOOGLE, "severity": "warning"},
          [attempts(), rejections("5.1.1", "user_unknown", 0, 2), *keyed("sender", "sender_domain", "example.org", (5, 5), (0, 2), "5.1.1", "user_unknown")],
          silent=[attempts(), rejections("5.1.1", "user_unknown", 0.5, 0.5), rejections("4.1.1", "user_unknown", 0, 20, result="deferred"),
                  attempts("internal"), rejections("5.1.1", "user_unknown", 0, 40, "internal")], low=0.05, minutes=59),
    Alert("DsnwatchUnknownUserRatioHigh", {**GOOGLE, "severity": "critical"},
          [attempts(), rejections("5.1.1", "user_unknown", 0, 10), *keyed("sender", "sender_domain", "example.org", (5, 5), (0, 10), "5.1.1", "user_unknown")],
          silent=[attempts(), rejections("5.1.1", "user_unknown", 0, 2)], low=0.05, minutes=59),
    Alert("DsnwatchSenderMaybeCompromised", {"job": "dsnwatch", "sender_domain": "example.org", "severity": "critical"},
          keyed("sender", "sender_domain", "example.org", (1, 20), (0, 5)),
          silent=[*keyed("sender", "sender_domain", "example.org", (20, 20), (0, 5)), *keyed("sender", "sender_domain", "example.net", (1, 20), (0, 0)),
                  *keyed("sender", "sender_domain", "<>", (1, 20), (0, 5)), *keyed("sender", "sender_domain", "example.com", (1, 20), (0, 5), provider="internal")],
          low=0.1, minutes=30),
    Alert("DsnwatchStreamMaybeCompromised", {"job": "dsnwatch", "stream": "tenant-7", "severity": "critical"},
          keyed("stream", "stream", "tenant-7", (1, 20), (0, 5)),
          silent=[*keyed("stream", "stream", "tenant-7", (20, 20), (0, 5)), *keyed("stream", "stream", "tenant-8", (1, 20), (0, 0))], low=0.1, minutes=30),
    Alert("DsnwatchDeliveryDelayHigh", {**GOOGLE, "severity": "warning"},
          [*delays(9, 1), rejections("4.7.1", "greylisted", 0, 2, result="deferred")], silent=[*delays(99, 1), *delays(9, 1, "internal")], low=0.1),
    Alert("DsnwatchUnclassifiedRatioHigh", {"job": "dsnwatch", "mta": "postfix", "severity": "info"},
          [rejections("5.7.1", "unknown", 0, 2), rejections("5.1.1", "user_unknown", 5, 5)],
          silent=[rejections("5.7.1", "unknown", 0, 0.4), rejections("5.1.1", "user_unknown", 5, 5), rejections("5.7.1", "unknown", 0, 9, "internal")],
          low=0.05, minutes=59),
]


def gauge(name, quiet, trouble, **labels):
    return Gauge(name, {**INSTANCE, **labels}, f"{quiet}x{QUIET - 1} {trouble}x{TROUBLE}")


BUILD = gauge("dsnwatch_build_info", "1", "1", version="1.0.0")
UP = gauge("up", "1", "1")


def source(name, quiet, trouble):
    return gauge(f"dsnwatch_source_{name}", quiet, trouble, source=SOURCE["source"])


def lines(quiet, trouble):
    return counter("dsnwatch_source_lines_total", quiet, trouble, source=SOURCE["source"])


def lag(trouble, seconds="0"):
    return [gauge("dsnwatch_kafka_lag_messages", "10", trouble), gauge("dsnwatch_kafka_lag_seconds", "0", seconds)]


HEALTH = [
    Alert("DsnwatchDown", {**INSTANCE, "severity": "critical"},
          [gauge("up", "1", "0"), Gauge("dsnwatch_build_info", {**INSTANCE, "version": "1.0.0"}, f"1x{QUIET - 1} stale")],
          silent=[UP, BUILD, Gauge("up", {"job": "node", "instance": "mx1"}, f"0x{QUIET + TROUBLE}")]),
    Alert("DsnwatchAbsent", {"severity": "critical"}, [Gauge("dsnwatch_build_info", INSTANCE, f"1x{QUIET - 1} stale")], silent=[BUILD]),
    Alert("DsnwatchSourceDown", {**SOURCE, "severity": "warning"}, [source("up", "1", "0")], silent=[source("up", "1", "1")]),
    Alert("DsnwatchSourceSilent", {**SOURCE, "severity": "warning"}, [lines(100, 0)], silent=[lines(100, 0.05)], low=0.02, minutes=45),
    Alert("DsnwatchIngestLagging", {**SOURCE, "severity": "warning"}, [source("backlog_seconds", "0", "300"), source("backlog_bytes", "0", "1000+1000")],
          silent=[source("backlog_seconds", "0", "300"), source("backlog_bytes", "0", "900000-5000")]),
    Alert("DsnwatchRecordsArriveLate", {**SOURCE, "severity": "warning"},
          [Gauge("dsnwatch_source_last_late_timestamp_seconds", SOURCE, f"0+{STEP}x{QUIET + TROUBLE}")],
          silent=[Gauge("dsnwatch_source_last_late_timestamp_seconds", SOURCE, f"5000x{QUIET + TROUBLE}")]),
    Alert("DsnwatchLogBytesLost", {**SOURCE, "severity": "warning"},
          [counter("dsnwatch_source_bytes_lost_total", 0, 1024, source=SOURCE["source"])],
          silent=[counter("dsnwatch_source_bytes_lost_total", 0, 0, source=SOURCE["source"])], low=0, minutes=2),
    Alert("DsnwatchKafkaLagGrowing", {"job": "dsnwatch", "severity": "warning"}, lag("20000+100", "600"), silent=lag("90000-600", "600")),
    Alert("DsnwatchKafkaUnassigned", {"job": "dsnwatch", "severity": "critical"}, [gauge("dsnwatch_kafka_assigned_partitions", "6", "0")],
          silent=[gauge("dsnwatch_kafka_assigned_partitions", "6", "0"), Gauge("dsnwatch_kafka_assigned_partitions", {"job": "dsnwatch", "instance": "mx2"}, f"6x{QUIET + TROUBLE}")]),
    Alert("DsnwatchKafkaMessagesLost", {"job": "dsnwatch", "severity": "warning"}, [counter("dsnwatch_kafka_messages_lost_total", 0, 10)],
          silent=[counter("dsnwatch_kafka_messages_lost_total", 0, 0)], low=0, minutes=2),
    Alert("DsnwatchLabelLimitReached", {**INSTANCE, "label": "domain", "severity": "info"},
          [attempts(), counter("dsnwatch_label_values_overflowed_total", 0, 40, label="domain")],
          silent=[attempts(), counter("dsnwatch_label_values_overflowed_total", 5, 5, label="domain")], low=0.02, minutes=59),
    Alert("DsnwatchCheckpointsFailing", {**INSTANCE, "severity": "warning"}, [gauge("dsnwatch_checkpoint_age_seconds", "1", "30+30")],
          silent=[gauge("dsnwatch_checkpoint_age_seconds", "1", "20")]),
    Alert("DsnwatchLedgerDegraded", {**INSTANCE, "severity": "critical"}, [gauge("dsnwatch_ledger_degraded", "0", "1")],
          silent=[gauge("dsnwatch_ledger_degraded", "0", "0")], minutes=1),
    Alert("DsnwatchReloadFailed", {**INSTANCE, "severity": "warning"}, [gauge("dsnwatch_config_last_reload_successful", "1", "0")],
          silent=[gauge("dsnwatch_config_last_reload_successful", "1", "1")]),
]
