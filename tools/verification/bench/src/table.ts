import type { Run } from './bench.ts';
import { median } from './figures.ts';

/** Median, least and greatest of the repeats. */
interface Spread {
  median: number;
  least: number;
  most: number;
}

/** How the product is compared with the bare loop: by its own value, divided by the bare loop's, or less it. */
type Comparison = 'value' | 'ratio' | 'added';

interface Target {
  of: string;
  as: Comparison;
  most?: number;
  least?: number;
  /** Of these runs only. */
  runs: Partial<Pick<Run, 'workload' | 'workers'>> & { lone?: boolean };
}

const TARGETS: Target[] = [
  { of: 'cpuMs', as: 'ratio', most: 1.15, runs: { workload: 'resnet18', lone: false } },
  { of: 'cpuMs', as: 'ratio', most: 1.35, runs: { workload: 'photos', lone: false } },
  { of: 'cpuMs', as: 'ratio', most: 1.4, runs: { workload: 'pictures', lone: false } },
  { of: 'cpuMs local-cloud', as: 'value', most: 3, runs: { lone: false } },
  {
    of: 'imagesPerSecond',
    as: 'ratio',
    least: 0.8,
    runs: { workload: 'resnet18', workers: 2, lone: false },
  },
  { of: 'p50Ms', as: 'added', most: 9, runs: { workload: 'photos', lone: true } },
  { of: 'p99Ms', as: 'added', most: 20, runs: { workload: 'photos', lone: true } },
  { of: 'calls sqs', as: 'value', most: 1.5, runs: { lone: false } },
];

/** The rows in their order: the figures, a title for `NAME` in it, digits after the point, and the comparison. */
const ROWS: { of: RegExp; title: string; digits: number; as: Comparison; asLone?: Comparison }[] = [
  { of: /^cpuMs$/, title: 'CPU ms an image', digits: 1, as: 'ratio' },
  { of: /^cpuMs (.+)$/, title: '  of it NAME', digits: 1, as: 'value' },
  { of: /^imagesPerSecond$/, title: 'images a second', digits: 1, as: 'ratio' },
  { of: /^(p\d+)Ms$/, title: 'latency NAME, ms', digits: 1, as: 'value', asLone: 'added' },
  { of: /^calls (\w+)$/, title: 'calls an image, NAME', digits: 2, as: 'value' },
  { of: /^calls (\w+ .+)$/, title: '  of it NAME', digits: 2, as: 'value' },
  { of: /^rssMb (.+)$/, title: 'peak MB, NAME', digits: 0, as: 'value' },
];

/** Formats runs of one workload, number of workers and number of clients as the lines of a Markdown table. */
export function tableOf(runs: readonly Run[]): string[] {
  const [first] = runs;
  if (first === undefined) return [];
  const subjects = [...new Set(runs.map(({ subject }) => subject))];
  const names = [...new Set(runs.flatMap(({ figures }) => Object.keys(figures)))];
  const head = [titleOf(first), ...subjects, 'product to bare', 'target'];
  const rows = ROWS.flatMap(({ of, title, digits, as, asLone }) =>
    names
      .filter((name) => of.test(name))
      .map((name) => {
        const comparison = first.clients === 1 ? (asLone ?? as) : as;
        const compared = spread(compare(runs, name, comparison));
        const target = TARGETS.find((one) => one.of === name && concerns(one, first));
        const cells = subjects.map((subject) => spread(valuesOf(runs, subject, name)));
        return [
          title.replace('NAME', of.exec(name)?.[1] ?? ''),
          ...cells.map((cell) => show(cell, digits)),
          comparison === 'value'
            ? ''
            : `${comparison === 'added' ? '+' : ''}${show(compared, comparison === 'added' ? 1 : 2)}`,
          target === undefined ? '' : verdict(target, compared),
        ];
      }),
  );
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

const titleOf = ({ workload, workers, clients }: Run) =>
  `${workload}, ${workers} worker${workers === 1 ? '' : 's'}, ${clients} in flight`;

const concerns = ({ runs }: Target, { workload, workers, clients }: Run) =>
  (runs.workload ?? workload) === workload &&
  (runs.workers ?? workers) === workers &&
  (runs.lone ?? clients === 1) === (clients === 1);

/** One value per repeat, each compared with the bare loop of the same repeat. */
function compare(runs: readonly Run[], name: string, as: Comparison): number[] {
  const products = valuesOf(runs, 'product', name);
  const bare = valuesOf(runs, 'bare', name);
  return products.map((value, repeat) => {
    if (as === 'value') return value;
    const base = bare[repeat] ?? Number.NaN;
    return as === 'ratio' ? value / base : value - base;
  });
}

const valuesOf = (runs: readonly Run[], of: string, name: string): number[] =>
  runs.filter(({ subject }) => subject === of).map(({ figures }) => figures[name] ?? Number.NaN);

const spread = (values: readonly number[]): Spread => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

function show({ median, least, most }: Spread, digits: number): string {
  if (Number.isNaN(median)) return '';
  const middle = median.toFixed(digits);
  return least === most
    ? middle
    : `${middle} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}

function verdict({ most, least }: Target, { median }: Spread): string {
  const isMet = median <= (most ?? Infinity) && median >= (least ?? -Infinity);
  const limit = most === undefined ? `>= ${least}` : `<= ${most}`;
  return `${limit} ${isMet ? 'met' : 'MISSED'}`;
}
