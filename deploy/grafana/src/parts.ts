// What every dashboard of dsnwatch is made of: variables, links and panels that look alike.
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

const SOURCE = { type: 'prometheus', uid: '${datasource}' };
/** Targets, in every selector of a metric that a target serves. */
export const T = 'job=~"$job", instance=~"$instance"';
/** The same without inner hops, which never count. */
export const MAIL = `${T}, provider!="internal"`;
export const POLICY = 'enhanced_code=~"5[.]7[.].+"';

/** A query and how its series are called. */
export type Query = [expr: string, legend: string];
export type Unit = 'short' | 'percentunit' | 's' | 'bytes' | 'cps' | 'mps' | 'dateTimeAsIso' | 'none';

/** `mayBeEmpty` says when a panel rightly shows nothing; the description repeats it, and the tests read it there. */
interface Options {
  title: string;
  description: string;
  unit: Unit;
  queries: Query[];
  span?: number;
  height?: number;
  mayBeEmpty?: string;
}

function described(options: Options): string {
  return options.mayBeEmpty ? `${options.description} Empty ${options.mayBeEmpty}.` : options.description;
}

function targets(queries: Query[], instant = false): prometheus.DataqueryBuilder[] {
  return queries.map(([expr, legend], at) => {
    const query = new prometheus.DataqueryBuilder().expr(expr).legendFormat(legend).refId(String.fromCharCode(65 + at)).datasource(SOURCE);
    return instant ? query.instant().format(prometheus.PromQueryFormat.Table) : query.range();
  });
}

export function graph(options: Options & { stacked?: boolean; max?: number }): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .title(options.title).description(described(options)).datasource(SOURCE).unit(options.unit).min(0)
    .span(options.span ?? 12).height(options.height ?? 8)
    .lineWidth(1).fillOpacity(options.stacked ? 40 : 8).showPoints(common.VisibilityMode.Never).spanNulls(false)
    .legend(new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.Table)
      .placement(common.LegendPlacement.Right).calcs(['lastNotNull', 'max']))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending));
  if (options.stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (options.max !== undefined) panel.max(options.max);
  targets(options.queries).forEach((query) => panel.withTarget(query));
  return panel;
}

/** One number; `steps` are the values at which it turns orange and red. */
export function number(options: Options & { steps?: [number, number]; decimals?: number }): stat.PanelBuilder {
  const steps = options.steps
    ? [{ value: null, color: 'green' }, { value: options.steps[0], color: 'orange' }, { value: options.steps[1], color: 'red' }]
    : [{ value: null, color: 'blue' }];
  const panel = new stat.PanelBuilder()
    .title(options.title).description(described(options)).datasource(SOURCE).unit(options.unit)
    .span(options.span ?? 4).height(options.height ?? 4).noValue('–').decimals(options.decimals ?? 1)
    .graphMode(common.BigValueGraphMode.Area).colorMode(common.BigValueColorMode.Value)
    .thresholds(new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps as dashboard.Threshold[]))
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
  targets(options.queries).forEach((query) => panel.withTarget(query));
  return panel;
}

/** A row per series, a column per label and query. `links`: column → address with ${__data.fields[...]}. */
export function rows(options: Options & { links?: Record<string, string> }): table.PanelBuilder {
  const hidden: Record<string, boolean> = { Time: true };
  const names: Record<string, string> = {};
  options.queries.forEach(([, legend], at) => { names[options.queries.length > 1 ? `Value #${String.fromCharCode(65 + at)}` : 'Value'] = legend; });
  const panel = new table.PanelBuilder()
    .title(options.title).description(described(options)).datasource(SOURCE).unit(options.unit)
    .span(options.span ?? 12).height(options.height ?? 8).filterable(true)
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(options.queries[0][1]).desc(true)]);
  if (options.queries.length > 1) panel.withTransformation({ id: 'merge', options: {} });
  panel.withTransformation({ id: 'organize', options: { excludeByName: hidden, renameByName: names } });
  for (const [column, url] of Object.entries(options.links ?? {})) {
    panel.overrideByName(column, [{ id: 'links', value: [{ title: `Details of this ${column}`, url, targetBlank: false }] }]);
  }
  if (options.unit === 'percentunit') panel.decimals(1);
  targets(options.queries, true).forEach((query) => panel.withTarget(query));
  return panel;
}

export function heat(options: Options): heatmap.PanelBuilder {
  const panel = new heatmap.PanelBuilder()
    .title(options.title).description(described(options)).datasource(SOURCE).unit(options.unit)
    .span(options.span ?? 12).height(options.height ?? 8)
    .yAxis(new heatmap.YAxisConfigBuilder().unit('s'));
  options.queries.forEach(([expr, legend]) => panel.withTarget(
    new prometheus.DataqueryBuilder().expr(expr).legendFormat(legend).format(prometheus.PromQueryFormat.Heatmap).datasource(SOURCE).refId('A').range()));
  return panel;
}

function variable(name: string, label: string, query: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name).label(label).datasource(SOURCE)
    .query({ query, refId: `variable-${name}` }).definition(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged).sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true).includeAll(true).allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** Variables that dashboards have beside datasource, job and instance. */
export const VARIABLES = {
  provider: () => variable('provider', 'Provider', `label_values(dsnwatch_attempts_total{${MAIL}}, provider)`),
  domain: () => variable('domain', 'Domain', `label_values(dsnwatch_domain_attempts_total{${MAIL}, provider=~"$provider"}, domain)`),
  source_ip: () => variable('source_ip', 'Source IP', `label_values(dsnwatch_ip_rejections_total{${MAIL}}, source_ip)`),
  sender_domain: () => variable('sender_domain', 'Sender domain', `label_values(dsnwatch_sender_attempts_total{${MAIL}}, sender_domain)`),
  stream: () => variable('stream', 'Stream', `label_values(dsnwatch_stream_attempts_total{${MAIL}}, stream)`),
};

export function board(uid: string, title: string, description: string, variables: (keyof typeof VARIABLES)[]): dashboard.DashboardBuilder {
  const made = new dashboard.DashboardBuilder(`dsnwatch / ${title}`)
    .uid(uid).description(description).tags(['dsnwatch']).refresh('1m').time({ from: 'now-6h', to: 'now' }).timezone('browser').readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(new dashboard.DashboardLinkBuilder('dsnwatch').type(dashboard.DashboardLinkType.Dashboards).tags(['dsnwatch']).asDropdown(false).includeVars(true).keepTime(true))
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(variable('job', 'Job', 'label_values(dsnwatch_build_info, job)'))
    .withVariable(variable('instance', 'Instance', 'label_values(dsnwatch_build_info{job=~"$job"}, instance)'))
    .annotation(new dashboard.AnnotationQueryBuilder().name('Alerts').datasource(SOURCE).enable(true).iconColor('red')
      .expr('ALERTS{alertname=~"Dsnwatch.+", alertstate="firing", severity=~"critical|warning", job=~"$job"}').titleFormat('{{alertname}}').tagKeys('provider,instance').step('60s'));
  variables.forEach((name) => made.withVariable(VARIABLES[name]()));
  return made;
}

export function row(title: string): dashboard.RowBuilder {
  return new dashboard.RowBuilder(title);
}

/** Share of one count in another over the panel's step; nothing where nothing was tried. */
export function share(part: string, whole: string, by: string): string {
  return `sum by (${by}) (increase(${part}[$__rate_interval])) / (sum by (${by}) (increase(${whole}[$__rate_interval])) > 0)`;
}
