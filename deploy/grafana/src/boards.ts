// The four dashboards. Descriptions say what to read off a panel and where to go on.
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { MAIL, POLICY, T, board, graph, heat, number, row, rows, share } from './parts';

const ATTEMPTS = `dsnwatch_attempts_total{${MAIL}, provider=~"$provider"}`;
const REFUSED = `dsnwatch_rejections_total{${MAIL}, provider=~"$provider"}`;
const REFUSED_5_7 = `dsnwatch_rejections_total{${MAIL}, provider=~"$provider", ${POLICY}}`;
const rate = (selector: string, by: string) => `sum by (${by}) (rate(${selector}[$__rate_interval]))`;
const over = (selector: string, by: string) => `sum by (${by}) (increase(${selector}[$__range]))`;
const total = (selector: string) => `sum(increase(${selector}[$__range]))`;
const top = (n: number, query: string) => `topk(${n}, ${query} > 0)`;
const p95 = (selector: string, by: string) => `histogram_quantile(0.95, sum by (${by}le) (rate(${selector}[$__rate_interval])))`;
const result = (name: string) => `dsnwatch_attempts_total{${MAIL}, provider=~"$provider", result="${name}"}`;
const DELAYS = `dsnwatch_delivery_delay_seconds_bucket{${MAIL}, provider=~"$provider", result="delivered"}`;

const KEEP = '${datasource:queryparam}&${job:queryparam}&${__url_time_range}';
const TO_PROVIDER = `/d/dsnwatch-provider?var-provider=\${__data.fields.provider}&${KEEP}`;
const TO_DOMAIN = `/d/dsnwatch-provider?var-domain=\${__data.fields.domain}&${KEEP}`;
const TO_IP = `/d/dsnwatch-senders?var-source_ip=\${__data.fields.source_ip}&${KEEP}`;
const TO_SENDER = `/d/dsnwatch-senders?var-sender_domain=\${__data.fields.sender_domain}&${KEEP}`;
const TO_RUNBOOK = 'https://example.org/dsnwatch/runbooks/${__data.fields.alertname}.md';
const TO_CAUSE = 'https://example.org/dsnwatch/runbooks/causes.md#${__data.fields.cause}';
const RARE = 'while nothing of the kind happened';

export const overview = (): dashboard.DashboardBuilder =>
  board('dsnwatch-overview', 'Fleet overview', 'Who refuses our mail, and why: all instances together.', ['provider'])
    .withPanel(number({ title: 'Attempts', description: 'Delivery attempts per second, inner hops left out.', unit: 'mps', queries: [[`sum(rate(${ATTEMPTS}[$__rate_interval]))`, 'attempts']] }))
    .withPanel(number({ title: 'Delivered', description: 'Share of the attempts of the time range that were delivered.', unit: 'percentunit', queries: [[`${total(result('delivered'))} / ${total(ATTEMPTS)}`, 'delivered']] }))
    .withPanel(number({ title: 'Refused by policy', description: 'Share of the attempts refused with 5.7.x, mostly 5.7.1.', unit: 'percentunit', steps: [0.02, 0.05], queries: [[`${total(REFUSED_5_7)} / ${total(ATTEMPTS)}`, '5.7.x']] }))
    .withPanel(number({ title: 'Not understood', description: 'Share of the refusals whose cause no rule knows.', unit: 'percentunit', steps: [0.1, 0.3], queries: [[`(${total(`dsnwatch_rejections_total{${MAIL}, cause="unknown"}`)} or vector(0)) / ${total(REFUSED)}`, 'unknown']] }))
    .withPanel(number({ title: 'p95 delay', description: '95th percentile of the time until delivery.', unit: 's', steps: [900, 3600], queries: [[p95(DELAYS, ''), 'p95']] }))
    .withPanel(number({ title: 'Alerts', description: 'Alerts of dsnwatch that fire.', unit: 'none', steps: [1, 3], decimals: 0, queries: [['count(ALERTS{alertname=~"Dsnwatch.+", alertstate="firing", severity=~"critical|warning", job=~"$job"}) or vector(0)', 'alerts']] }))
    .withPanel(rows({ title: 'What fires', description: 'The alert links to its runbook.', unit: 'none', height: 6, span: 24, mayBeEmpty: 'while no alert fires', links: { alertname: TO_RUNBOOK },
      queries: [['sum by (alertname, severity, provider, domain, source_ip, blocklist, sender_domain, stream, cause, instance, source) (ALERTS{alertname=~"Dsnwatch.+", alertstate="firing", severity!="none", job=~"$job"})', 'firing']] }))
    .withRow(row('Who refuses'))
    .withPanel(graph({ title: 'Refused by policy, by provider', description: 'Share of the attempts of each provider refused with 5.7.x. A spike here is what DsnwatchPolicyRejectionSpike pages for.', unit: 'percentunit', queries: [[share(REFUSED_5_7, ATTEMPTS, 'provider'), '{{provider}}']] }))
    .withPanel(graph({ title: 'Refusals by cause', description: 'Refusals (deferred and bounced) per second. The cause says what to do: links in the table below.', unit: 'cps', stacked: true, queries: [[`${rate(REFUSED, 'cause')} > 0`, '{{cause}}']] }))
    .withPanel(rows({ title: 'Providers', description: 'Over the time range; the name leads to the provider.', unit: 'short', links: { provider: TO_PROVIDER },
      queries: [[over(ATTEMPTS, 'provider'), 'attempts'], [over(result('bounced'), 'provider'), 'bounced'], [over(result('deferred'), 'provider'), 'deferred'], [over(REFUSED_5_7, 'provider'), '5.7.x']] }))
    .withPanel(rows({ title: 'Causes', description: 'Over the time range; the cause leads to its checks.', unit: 'short', links: { cause: TO_CAUSE },
      queries: [[top(30, over(REFUSED, 'cause, enhanced_code')), 'refusals']] }))
    .withRow(row('What waits'))
    .withPanel(graph({ title: 'Attempts by provider', description: 'A jump of ours explains many a refusal.', unit: 'mps', stacked: true, queries: [[rate(ATTEMPTS, 'provider'), '{{provider}}']] }))
    .withPanel(graph({ title: 'Deferred share', description: 'Share of the attempts put off: throttling, greylisting, outages.', unit: 'percentunit', queries: [[share(result('deferred'), ATTEMPTS, 'provider'), '{{provider}}']] }))
    .withPanel(graph({ title: 'Suspended', description: 'Recipients put off without a try since the destination refuses us or is down: mail piles up.', unit: 'cps', mayBeEmpty: RARE, queries: [[`${rate(`dsnwatch_suspended_total{${MAIL}, provider=~"$provider"}`, 'provider, cause')} > 0`, '{{provider}} {{cause}}']] }))
    .withPanel(graph({ title: 'Given up', description: 'Recipients returned after the queue lifetime, by the cause of the last deferral.', unit: 'cps', mayBeEmpty: RARE, queries: [[`${rate(`dsnwatch_expired_total{${MAIL}, provider=~"$provider"}`, 'provider, cause')} > 0`, '{{provider}} {{cause}}']] }))
    .withPanel(graph({ title: 'Delay by provider (p95)', description: '95th percentile of the time until delivery. Late for one provider is its throttling, late for all is our own queue.', unit: 's', queries: [[p95(DELAYS, 'provider, '), '{{provider}}']] }))
    .withPanel(graph({ title: 'Refused by us', description: 'Clients that our own servers refused, by cause.', unit: 'cps', mayBeEmpty: RARE, queries: [[`${rate(`dsnwatch_inbound_rejections_total{${T}}`, 'cause')} > 0`, '{{cause}}']] }));

const DOMAIN = `${MAIL}, provider=~"$provider", domain=~"$domain"`;

export const provider = (): dashboard.DashboardBuilder =>
  board('dsnwatch-provider', 'Provider and domain', 'One provider, or one of its domains: since when, which codes, which causes.', ['provider', 'domain'])
    .withPanel(graph({ title: 'Refused by policy, and the usual', description: 'Share refused with 5.7.x of the last 10 minutes, and the usual share of the day before: the two that DsnwatchPolicyRejectionSpike compares.', unit: 'percentunit',
      queries: [['job_provider:dsnwatch_policy_rejections_per_attempts:ratio_increase10m{job=~"$job", provider=~"$provider"}', '{{provider}}'], ['job_provider:dsnwatch_policy_rejections_per_attempts:ratio_avg1d{job=~"$job", provider=~"$provider"}', '{{provider}} usual']] }))
    .withPanel(graph({ title: 'Attempts by result', description: 'Attempts per second.', unit: 'mps', stacked: true, queries: [[rate(ATTEMPTS, 'result'), '{{result}}']] }))
    .withPanel(graph({ title: 'Refusals by cause', description: 'Why, per second.', unit: 'cps', stacked: true, queries: [[`${rate(REFUSED, 'cause')} > 0`, '{{cause}}']] }))
    .withPanel(graph({ title: 'Refusals by enhanced code', description: 'The number that the server gave; the cause is what it means.', unit: 'cps', stacked: true, queries: [[`${rate(REFUSED, 'enhanced_code')} > 0`, '{{enhanced_code}}']] }))
    .withPanel(rows({ title: 'Codes and causes', description: 'Over the time range; the cause leads to its checks.', unit: 'short', links: { cause: TO_CAUSE },
      queries: [[top(50, over(REFUSED, 'provider, enhanced_code, cause, result')), 'refusals']] }))
    .withPanel(heat({ title: 'Delay of deliveries', description: 'How long deliveries took; a band that climbs is a queue that drains slowly.', unit: 's', queries: [[`sum by (le) (increase(${DELAYS}[$__rate_interval]))`, '{{le}}']] }))
    .withRow(row('Domains'))
    .withPanel(rows({ title: 'Domains that refuse', description: 'The hundred with most refusals; the name narrows this page down to it.', unit: 'short', links: { domain: TO_DOMAIN },
      queries: [[top(100, over(`dsnwatch_domain_rejections_total{${DOMAIN}}`, 'domain, provider')), 'refusals'], [over(`dsnwatch_domain_attempts_total{${DOMAIN}}`, 'domain, provider'), 'attempts'], [over(`dsnwatch_domain_rejections_total{${DOMAIN}, ${POLICY}}`, 'domain, provider'), '5.7.x']] }))
    .withPanel(graph({ title: 'Refusals of the domains by cause', description: 'Only the chosen domains.', unit: 'cps', stacked: true, queries: [[`${rate(`dsnwatch_domain_rejections_total{${DOMAIN}}`, 'cause')} > 0`, '{{cause}}']] }))
    .withPanel(graph({ title: 'Domains refusing by policy', description: 'Share refused with 5.7.x of the ten domains that refuse most.', unit: 'percentunit', queries: [[`topk(10, ${share(`dsnwatch_domain_rejections_total{${DOMAIN}, ${POLICY}}`, `dsnwatch_domain_attempts_total{${DOMAIN}}`, 'domain')} > 0)`, '{{domain}}']] }))
    .withPanel(graph({ title: 'Throttled', description: 'Share of the attempts put off for rate or reputation: lower the rate to this provider.', unit: 'percentunit', queries: [[share(`dsnwatch_rejections_total{${MAIL}, provider=~"$provider", result="deferred", cause=~"rate_limited|too_many_connections|ip_reputation"}`, ATTEMPTS, 'provider'), '{{provider}}']] }))
    .withPanel(graph({ title: 'Addresses that do not exist', description: 'Share of the attempts bounced as user_unknown: above 2 % clean the list, above 5 % stop the send.', unit: 'percentunit', queries: [[share(`dsnwatch_rejections_total{${MAIL}, provider=~"$provider", result="bounced", cause="user_unknown"}`, ATTEMPTS, 'provider'), '{{provider}}']] }))
    .withPanel(graph({ title: 'Bounce mails and complaints', description: 'What bounce mails (DSN) and feedback reports say, where such a source is read; never part of the panels above.', unit: 'cps', mayBeEmpty: 'unless bounce mails or feedback reports are read',
      queries: [[rate(`dsnwatch_dsn_rejections_total{${T}}`, 'cause'), 'bounce: {{cause}}'], [rate(`dsnwatch_complaints_total{${T}}`, 'kind'), 'complaint: {{kind}}']] }));

const IP = `${MAIL}, provider=~"$provider", source_ip=~"$source_ip"`;
const SENDER = `${MAIL}, provider=~"$provider", sender_domain=~"$sender_domain"`;
const STREAM = `${MAIL}, provider=~"$provider", stream=~"$stream"`;
const AUTH = 'cause=~"spf_fail|dkim_fail|dmarc_fail|unauthenticated"';

export const senders = (): dashboard.DashboardBuilder =>
  board('dsnwatch-senders', 'Source IP and sender domain', 'Which of our IPs, sender domains and streams are refused.', ['provider', 'source_ip', 'sender_domain', 'stream'])
    .withRow(row('Source IPs'))
    .withPanel(graph({ title: 'Refusals by IP and cause', description: 'One IP alone: its reputation or a list. All at once: a change of ours, or of theirs.', unit: 'cps', queries: [[top(12, rate(`dsnwatch_ip_rejections_total{${IP}}`, 'source_ip, cause')), '{{source_ip}} {{cause}}']] }))
    .withPanel(rows({ title: 'Block lists', description: 'Lists that replies named, and the IP they named. The IP narrows this page down.', unit: 'short', links: { source_ip: TO_IP },
      queries: [[top(50, over(`dsnwatch_blocklist_rejections_total{${T}, source_ip=~"$source_ip"}`, 'source_ip, blocklist')), 'refusals']] }))
    .withPanel(rows({ title: 'IPs that we send from', description: 'Over the time range. An IP known only from reply texts has refusals and no deliveries.', unit: 'short', links: { source_ip: TO_IP },
      queries: [[over(`dsnwatch_ip_attempts_total{${IP}}`, 'source_ip'), 'attempts'], [over(`dsnwatch_ip_rejections_total{${IP}}`, 'source_ip'), 'refusals'], [over(`dsnwatch_ip_rejections_total{${IP}, ${POLICY}}`, 'source_ip'), '5.7.x']] }))
    .withPanel(graph({ title: 'Refused by policy, by IP', description: 'Share of the attempts of each IP refused with 5.7.x.', unit: 'percentunit', queries: [[share(`dsnwatch_ip_rejections_total{${IP}, ${POLICY}}`, `dsnwatch_ip_attempts_total{${IP}}`, 'source_ip'), '{{source_ip}}']] }))
    .withRow(row('Sender domains'))
    .withPanel(graph({ title: 'Attempts by sender domain', description: 'A jump together with the panel beside it: a compromised account, or a list that nobody announced.', unit: 'mps', queries: [[top(12, rate(`dsnwatch_sender_attempts_total{${SENDER}}`, 'sender_domain')), '{{sender_domain}}']] }))
    .withPanel(graph({ title: 'Refused by policy, by sender domain', description: 'Share of the attempts of each sender domain refused with 5.7.x.', unit: 'percentunit', queries: [[`topk(12, ${share(`dsnwatch_sender_rejections_total{${SENDER}, ${POLICY}}`, `dsnwatch_sender_attempts_total{${SENDER}}`, 'sender_domain')})`, '{{sender_domain}}']] }))
    .withPanel(rows({ title: 'Authentication by sender domain', description: 'Refusals for SPF, DKIM and DMARC over the time range: the record to look at.', unit: 'short', links: { sender_domain: TO_SENDER, cause: TO_CAUSE },
      queries: [[top(50, over(`dsnwatch_sender_rejections_total{${SENDER}, ${AUTH}}`, 'sender_domain, cause, provider')), 'refusals']] }))
    .withPanel(rows({ title: 'List hygiene by sender domain', description: 'Refusals of addresses that do not exist or are closed, over the time range.', unit: 'short', links: { sender_domain: TO_SENDER },
      queries: [[top(50, over(`dsnwatch_sender_rejections_total{${SENDER}, cause=~"user_unknown|mailbox_disabled|domain_not_found"}`, 'sender_domain, provider')), 'refusals']] }))
    .withRow(row('Streams'))
    .withPanel(graph({ title: 'Attempts by stream', description: 'Streams are the field that labels.stream chose: account, tenant, campaign or pool.', unit: 'mps', mayBeEmpty: 'unless labels.stream is set and the MTA logs the field', queries: [[top(12, rate(`dsnwatch_stream_attempts_total{${STREAM}}`, 'stream')), '{{stream}}']] }))
    .withPanel(graph({ title: 'Refused by policy, by stream', description: 'Share of the attempts of each stream refused with 5.7.x.', unit: 'percentunit', mayBeEmpty: 'unless labels.stream is set and the MTA logs the field', queries: [[`topk(12, ${share(`dsnwatch_stream_rejections_total{${STREAM}, ${POLICY}}`, `dsnwatch_stream_attempts_total{${STREAM}}`, 'stream')})`, '{{stream}}']] }));

const KAFKA = 'unless Kafka is a source';

export const pipeline = (): dashboard.DashboardBuilder =>
  board('dsnwatch-pipeline', 'Pipeline health', 'Whether what the other dashboards show is complete and of now.', [])
    .withPanel(number({ title: 'Instances', description: 'Instances that Prometheus can scrape.', unit: 'none', decimals: 0, queries: [[`count(dsnwatch_build_info{${T}})`, 'instances']] }))
    .withPanel(number({ title: 'Sources not readable', description: 'Sources that are not there or cannot be read.', unit: 'none', decimals: 0, steps: [1, 2], queries: [[`count(dsnwatch_source_up{${T}} == 0) or vector(0)`, 'down']] }))
    .withPanel(number({ title: 'Worst backlog', description: 'Age of the last record read of the source that is furthest behind.', unit: 's', steps: [120, 600], queries: [[`max(dsnwatch_source_backlog_seconds{${T}})`, 'behind']] }))
    .withPanel(number({ title: 'Oldest checkpoint', description: 'What is older than this is durable everywhere.', unit: 's', steps: [60, 300], queries: [[`max(dsnwatch_checkpoint_age_seconds{${T}})`, 'age']] }))
    .withPanel(number({ title: 'Degraded ledgers', description: 'Instances that publish counts which no checkpoint holds: do not restart them.', unit: 'none', decimals: 0, steps: [1, 1], queries: [[`sum(dsnwatch_ledger_degraded{${T}})`, 'degraded']] }))
    .withPanel(number({ title: 'Lost', description: 'Bytes of logs that were gone before they were read, over the time range.', unit: 'bytes', decimals: 0, steps: [1, 1e6], queries: [[total(`dsnwatch_source_bytes_lost_total{${T}}`), 'lost']] }))
    .withRow(row('Sources'))
    .withPanel(graph({ title: 'Lines', description: 'Lines read per second.', unit: 'cps', queries: [[rate(`dsnwatch_source_lines_total{${T}}`, 'instance, source'), '{{instance}} {{source}}']] }))
    .withPanel(graph({ title: 'Backlog', description: 'How far behind each source is.', unit: 's', queries: [[`max by (instance, source) (dsnwatch_source_backlog_seconds{${T}})`, '{{instance}} {{source}}']] }))
    .withPanel(graph({ title: 'Age of the last record', description: 'Grows at a quiet source too; beside a backlog it is lag.', unit: 's', queries: [[`time() - max by (instance, source) (dsnwatch_source_last_event_timestamp_seconds{${T}})`, '{{instance}} {{source}}']] }))
    .withPanel(graph({ title: 'Since the last late record', description: 'Alerts on mail leave an instance out until their window and 6 minutes have passed since its last late record.', unit: 's', mayBeEmpty: 'while no record was late', queries: [[`time() - max by (instance, source) (dsnwatch_source_last_late_timestamp_seconds{${T}})`, '{{instance}} {{source}}']] }))
    .withPanel(graph({ title: 'Not readable', description: 'Records shaped like a delivery or a refusal that could not be read, per second.', unit: 'cps', queries: [[rate(`dsnwatch_source_unparsed_total{${T}}`, 'instance, reason'), '{{instance}} {{reason}}']] }))
    .withPanel(graph({ title: 'Rotations and truncations', description: 'Per time step. Truncations come from copytruncate, which can lose lines.', unit: 'short', queries: [[`sum by (instance) (increase(dsnwatch_source_rotations_total{${T}}[$__rate_interval]))`, '{{instance}} rotations'], [`sum by (instance) (increase(dsnwatch_source_truncations_total{${T}}[$__rate_interval]))`, '{{instance}} truncations']] }))
    .withRow(row('Understanding and labels'))
    .withPanel(graph({ title: 'Cause unknown', description: 'Share of the refusals, in and out, that no rule knows.', unit: 'percentunit', queries: [[`(sum by (mta) (increase(dsnwatch_unclassified_total{${T}}[$__rate_interval])) or sum by (mta) (increase(dsnwatch_rejections_total{${T}}[$__rate_interval])) * 0) / (sum by (mta) (increase(dsnwatch_rejections_total{${T}}[$__rate_interval])) + (sum by (mta) (increase(dsnwatch_inbound_rejections_total{${T}}[$__rate_interval])) or sum by (mta) (increase(dsnwatch_rejections_total{${T}}[$__rate_interval])) * 0) > 0)`, '{{mta}}']] }))
    .withPanel(graph({ title: 'Label values in use', description: 'Of the limit; at 100 % newcomers count under "other".', unit: 'percentunit', queries: [[`max by (instance, label) (dsnwatch_label_values{${T}} / (dsnwatch_label_values_limit{${T}} > 0))`, '{{instance}} {{label}}']] }))
    .withPanel(graph({ title: 'Under "other" for lack of room', description: 'Increments per second.', unit: 'cps', queries: [[rate(`dsnwatch_label_values_overflowed_total{${T}}`, 'label'), '{{label}}']] }))
    .withPanel(graph({ title: 'Queue ids forgotten', description: 'Evictions per second for lack of correlation memory; later lines of these messages count under sender unknown.', unit: 'cps', queries: [[rate(`dsnwatch_correlation_evictions_total{${T}}`, 'instance'), '{{instance}}']] }))
    .withRow(row('Process'))
    .withPanel(graph({ title: 'CPU', description: 'Cores in use.', unit: 'short', queries: [[`rate(process_cpu_seconds_total{${T}}[$__rate_interval]) and on (job, instance) dsnwatch_build_info{${T}}`, '{{instance}}']] }))
    .withPanel(graph({ title: 'Memory', description: 'Resident.', unit: 'bytes', queries: [[`process_resident_memory_bytes{${T}} and on (job, instance) dsnwatch_build_info{${T}}`, '{{instance}}']] }))
    .withPanel(graph({ title: 'Checkpoints', description: '99th percentile of the time to write one; above a second the disk is slow.', unit: 's', queries: [[`histogram_quantile(0.99, sum by (instance, le) (rate(dsnwatch_checkpoint_duration_seconds_bucket{${T}}[$__rate_interval])))`, '{{instance}}']] }))
    .withPanel(graph({ title: 'Checkpoints that failed', description: 'Per time step.', unit: 'short', queries: [[`sum by (instance) (increase(dsnwatch_checkpoint_failures_total{${T}}[$__rate_interval]))`, '{{instance}}']] }))
    .withPanel(rows({ title: 'Versions and rules', description: 'What runs where.', unit: 'none', queries: [[`sum by (instance, version, revision) (dsnwatch_build_info{${T}})`, 'up']] }))
    .withPanel(rows({ title: 'Last reload', description: '1 if the rules and configuration last read were good.', unit: 'none', queries: [[`sum by (instance) (dsnwatch_config_last_reload_successful{${T}})`, 'good'], [`sum by (instance) (dsnwatch_rules_loaded{${T}})`, 'rules']] }))
    .withRow(row('Kafka'))
    .withPanel(graph({ title: 'Lag', description: 'Messages that wait, over all members.', unit: 'short', mayBeEmpty: KAFKA, queries: [[`sum by (job) (dsnwatch_kafka_lag_messages{${T}})`, '{{job}}']] }))
    .withPanel(graph({ title: 'Lag in time', description: 'Age of the oldest message that waits.', unit: 's', mayBeEmpty: KAFKA, queries: [[`max by (job) (dsnwatch_kafka_lag_seconds{${T}})`, '{{job}}']] }))
    .withPanel(graph({ title: 'Partitions', description: 'Assigned to each member; they move when members come and go.', unit: 'short', mayBeEmpty: KAFKA, queries: [[`sum by (instance) (dsnwatch_kafka_assigned_partitions{${T}})`, '{{instance}}']] }))
    .withPanel(graph({ title: 'Rebalances and errors', description: 'Per time step.', unit: 'short', mayBeEmpty: KAFKA, queries: [[`sum by (instance) (increase(dsnwatch_kafka_rebalances_total{${T}}[$__rate_interval]))`, '{{instance}} rebalances'], [`sum by (code) (increase(dsnwatch_kafka_errors_total{${T}}[$__rate_interval]))`, 'error {{code}}']] }));
