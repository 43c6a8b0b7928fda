// node out/lint.mjs FOLDER: the rules that every dashboard keeps, after those of Grafana's dashboard-linter. Prints each finding.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';

interface Panel { type: string; title?: string; description?: string; datasource?: { uid: string }; targets?: { expr: string; datasource?: { uid: string } }[];
  fieldConfig?: { defaults?: { unit?: string } }; gridPos: { x: number; y: number; w: number; h: number }; panels?: Panel[] }
interface Variable { name: string; label?: string; type: string; query: unknown; datasource?: { uid: string }; multi?: boolean; allValue?: string; refresh?: number }
interface Board { uid: string; id?: number; editable?: boolean; schemaVersion: number; tags: string[]; timezone: string; refresh: string;
  templating: { list: Variable[] }; panels: Panel[]; links: { tags: string[] }[]; annotations: { list: { expr?: string }[] } }

const findings: string[] = [];

/** As the linter does: variables become numbers that occur nowhere else, so that a parser takes them. */
function plain(expr: string): string {
  return expr.replaceAll('$__rate_interval', '8869990787ms').replaceAll('$__range', '8869990788ms').replaceAll(/\$\w+/g, 'x');
}

function lintQuery(where: string, expr: string): void {
  const text = plain(expr);
  let wrong = false;
  const functions: string[] = [];
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) wrong = true;
      if (node.name === 'FunctionCall') functions.push(text.slice(node.from, node.to));
    },
  });
  if (wrong) findings.push(`${where}: no PromQL: ${expr}`);
  for (const range of expr.matchAll(/\[([^\]\d][^\]]*|\d+[a-z]+)\]/g)) {
    if (/^"?\.|^0-9/.test(range[1])) continue; // a character class of a label matcher
    if (!['$__rate_interval', '$__range'].includes(range[1])) findings.push(`${where}: a fixed window [${range[1]}]`);
  }
  for (const selector of expr.matchAll(/\b((?:dsnwatch|process)_\w+)\{([^}]*)\}(\[)?/g)) {
    const [whole, name, matchers, ranged] = selector;
    if (!matchers.includes('job=~"$job"') || !matchers.includes('instance=~"$instance"')) findings.push(`${where}: ${name} without job and instance`);
    if (/_total$|_bucket$/.test(name)) {
      const before = expr.slice(0, selector.index);
      if (!ranged || !/(?:rate|increase)\($/.test(before)) findings.push(`${where}: the counter ${whole} is read without rate or increase`);
    }
  }
  for (const bare of expr.matchAll(/\bdsnwatch_\w+\b(?!\{|:|\w)/g)) {
    if (expr[bare.index - 1] !== ':') findings.push(`${where}: ${bare[0]} without a selector`);
  }
}

function lintVariables(board: Board): void {
  const sources = board.templating.list.filter((v) => v.type === 'datasource');
  if (sources.length !== 1 || sources[0].name !== 'datasource' || sources[0].query !== 'prometheus') findings.push(`${board.uid}: exactly one data source variable`);
  for (const name of ['job', 'instance']) {
    if (!board.templating.list.some((v) => v.name === name)) findings.push(`${board.uid}: no variable ${name}`);
  }
  for (const v of board.templating.list.filter((one) => one.type === 'query')) {
    if (v.datasource?.uid !== '${datasource}') findings.push(`${board.uid}: variable ${v.name} has its own data source`);
    if (!v.multi || v.allValue !== '.+') findings.push(`${board.uid}: variable ${v.name} must take several values and all`);
    if (v.refresh !== 2) findings.push(`${board.uid}: variable ${v.name} must follow the time range`);
    if (!v.label || v.label[0] !== v.label[0].toUpperCase()) findings.push(`${board.uid}: variable ${v.name} needs a label`);
  }
}

function lintPanel(board: Board, panel: Panel): void {
  const where = `${board.uid}, "${panel.title}"`;
  if (!panel.title) findings.push(`${board.uid}: a panel without a title`);
  if (panel.type === 'row') return;
  if (!panel.description) findings.push(`${where}: no description`);
  if (panel.datasource?.uid !== '${datasource}') findings.push(`${where}: not the chosen data source`);
  if (!panel.fieldConfig?.defaults?.unit) findings.push(`${where}: no unit`);
  if (!panel.targets?.length) findings.push(`${where}: no query`);
  for (const target of panel.targets ?? []) {
    if (target.datasource?.uid !== '${datasource}') findings.push(`${where}: a query with its own data source`);
    lintQuery(where, target.expr);
  }
  if (panel.gridPos.x + panel.gridPos.w > 24) findings.push(`${where}: wider than the page`);
}

function lint(board: Board): void {
  if (board.id) findings.push(`${board.uid}: an id belongs to one installation`);
  if (board.editable !== false) findings.push(`${board.uid}: must not be editable`);
  if (!board.tags.includes('dsnwatch') || !board.links.some((link) => link.tags.includes('dsnwatch'))) findings.push(`${board.uid}: no links to the others`);
  const titles = board.panels.map((panel) => panel.title);
  if (new Set(titles).size !== titles.length) findings.push(`${board.uid}: two panels with one title`);
  lintVariables(board);
  board.panels.forEach((panel) => lintPanel(board, panel));
}

const folder = process.argv[2];
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
files.forEach((name) => lint(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Board));
findings.forEach((finding) => console.log(finding));
console.log(`${files.length} dashboards, ${findings.length} findings`);
process.exit(findings.length || !files.length ? 1 : 0);
