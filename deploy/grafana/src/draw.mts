// node out/draw.mjs ANSWERS.json OUT.svg: a dashboard drawn from the answers of a Prometheus, laid out as Grafana lays it out. It shows
// queries, units and places, not how Grafana draws.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

interface Drawing { setOption(option: object): void; renderToSVGString(): string; dispose(): void }
// echarts' own types fit neither kind of module of Node; this is all that is used of it.
const echarts = createRequire(import.meta.url)('echarts') as { init(element: null, theme: null, options: object): Drawing };

interface Series { name: string; points: [number, number][] }
interface Drawn { title: string; type: string; unit: string; stacked: boolean; note: string; grid: { x: number; y: number; w: number; h: number }; series: Series[]; table: string[][] }
interface Page { title: string; panels: Drawn[] }

const WIDTH = 1800, COLUMN = WIDTH / 24, LINE = 34;

function shown(value: number, unit: string): string {
  if (unit === 'percentunit') return `${(value * 100).toFixed(1)} %`;
  if (unit === 'bytes') return value > 1e6 ? `${(value / 1048576).toFixed(1)} MiB` : `${value.toFixed(0)} B`;
  const short = Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
  return unit === 'mps' || unit === 'cps' ? `${short} /s` : unit === 's' ? `${short} s` : short;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (x: number, y: number, size: number, words: string, color = '#222'): string => `<text x="${x}" y="${y}" font-size="${size}" font-family="sans-serif" fill="${color}">${escaped(words)}</text>`;

function chart(panel: Drawn, width: number, height: number): string {
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  drawing.setOption({
    animation: false,
    grid: { left: 60, right: 250, top: 12, bottom: 24 },
    legend: { type: 'plain', orient: 'vertical', right: 4, top: 0, itemHeight: 8, textStyle: { fontSize: 10, width: 200, overflow: 'truncate' } },
    xAxis: { type: 'time', axisLabel: { fontSize: 9 } },
    yAxis: { type: 'value', min: 0, axisLabel: { fontSize: 9, formatter: (value: number) => shown(value, panel.unit) } },
    series: panel.series.slice(0, 12).map((one) => ({ type: 'line', name: one.name, data: one.points.map(([t, v]) => [t * 1000, v]), symbol: 'none',
      lineStyle: { width: 1 }, ...(panel.stacked ? { stack: 'all', areaStyle: { opacity: 0.4 } } : {}) })),
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return svg;
}

function body(panel: Drawn, width: number, height: number): string {
  if (!panel.series.length && !panel.table.length) return text(12, height / 2, 13, panel.note || 'No data', '#999');
  if (panel.type === 'stat') {
    const last = panel.series[0]?.points.at(-1)?.[1];
    return text(12, height / 2 + 16, 34, last === undefined ? '–' : shown(last, panel.unit), '#1f60c4');
  }
  if (panel.type === 'table') {
    return panel.table.slice(0, Math.floor(height / 17)).map((cells, line) => cells.map((cell, at) =>
      text(10 + at * (width / cells.length), 14 + line * 17, 11, cell.slice(0, Math.floor(width / cells.length / 6.2)), line ? '#222' : '#777')).join('')).join('');
  }
  return chart(panel, width, height);
}

const page = JSON.parse(readFileSync(process.argv[2], 'utf8')) as Page;
const bottom = Math.max(...page.panels.map((panel) => panel.grid.y + panel.grid.h)) * LINE + 50;
const drawn = page.panels.map((panel) => {
  const x = panel.grid.x * COLUMN, y = panel.grid.y * LINE + 44, width = panel.grid.w * COLUMN - 8, height = panel.grid.h * LINE - 8;
  if (panel.type === 'row') return text(x + 8, y + 20, 16, panel.title);
  return `<svg x="${x}" y="${y}" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="#fff" stroke="#ccc"/>${text(10, 19, 13, panel.title)}`
    + `<svg x="0" y="28" width="${width}" height="${height - 30}">${body(panel, width, height - 30)}</svg></svg>`;
});
writeFileSync(process.argv[3], `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom}"><rect width="100%" height="100%" fill="#f4f5f5"/>${text(8, 28, 20, page.title)}${drawn.join('')}</svg>`);
process.exit(0); // echarts keeps a timer
