import type { Run } from './bench.ts';
import { median } from './figures.ts';

/** How the product is compared with the bare loop: by its own value, divided by the bare loop's, or less it. */
type Comparison = 'value' | 'ratio' | 'added';

interface Row {
  of: RegExp;
  /** NAME is replaced by the first group of `of`. */
  title: string;
  digits: number;
  as: Comparison;
}

const ROWS: Row[] = [
  { of: /^cpuMs$/, title: 'CPU ms an image', digits: 1, as: 'ratio' },
  { of: /^cpuMs (.+)$/, title: '  of it NAME', digits: 1, as: 'value' },
  { of: /^imagesPerSecond$/, title: 'images a second', digits: 1, as: 'ratio' },
  { of: /^(p\d+)Ms$/, title: 'latency NAME, ms', digits: 1, as: 'added' },
  { of: /^calls (\w+)$/, title: 'calls an image, NAME', digits: 2, as: 'value' },
  { of: /^calls (\w+ .+)$/, title: '  of it NAME', digits: 2, as: 'value' },
  { of: /^rssMb (.+)$/, title: 'peak MB, NAME', digits: 0, as: 'value' },
];

/** The targets by figure and workload. `workers` limits one to runs with so many. */
const TARGETS: { of: string; in: string; most?: number; least?: number; workers?: number }[] = [
  { of: 'cpuMs', in: 'resnet18', most: 1.15 },
  { of: 'cpuMs', in: 'photos', most: 1.35 },
  { of: 'cpuMs', in: 'pictures', most: 1.4 },
  { of: 'cpuMs local-cloud', in: 'photos pictures resnet18', most: 3 },
  { of: 'imagesPerSecond', in: 'resnet18', least: 0.8, workers: 2 },
  { of: 'calls sqs', in: 'photos pictures resnet18', most: 1.5 },
];
const LONE_TARGETS: typeof TARGETS = [
  { of: 'p50Ms', in: 'photos', most: 9 },
  { of: 'p99Ms', in: 'photos', most: 20 },
];

/** Formats runs of one workload, number of workers and number of clients as the lines of a Markdown table. */
export function tableOf(runs: readonly Run[]): string[] {
  const [first] = runs;
  if (first === undefined) return [];
  const { workload, workers, clients } = first;
  const targets = (clients === 1 ? LONE_TARGETS : TARGETS).filter(
    (one) => one.in.includes(workload) && (one.workers ?? workers) === workers,
  );
  const valuesOf = (system: string, name: string): number[] =>
    runs.filter((run) => run.system === system).map((run) => run.figures[name] ?? Number.NaN);
  const systems = [...new Set(runs.map(({ system }) => system))];
  const names = [...new Set(runs.flatMap(({ figures }) => Object.keys(figures)))].sort();
  const title = `${workload}, workers: ${workers}, in flight: ${clients}`;
  const table = [[title, ...systems, 'product to bare', 'target']];
  for (const row of ROWS) {
    // With many in flight, the latency is the time in the queue, which the bare loop does not have.
    const as = row.as === 'added' && clients > 1 ? 'value' : row.as;
    for (const name of names.filter((known) => row.of.test(known))) {
      const compared = compare(valuesOf('product', name), valuesOf('bare', name), as);
      const target = targets.find(({ of }) => of === name);
      table.push([
        name.replace(row.of, row.title.replace('NAME', '$1')),
        ...systems.map((system) => show(valuesOf(system, name), row.digits)),
        as === 'value' ? '' : show(compared, as === 'ratio' ? 2 : 1),
        target === undefined ? '' : verdict(target, median(compared)),
      ]);
    }
  }
  table.splice(1, 0, table[0]?.map(() => '---') ?? []);
  const widthOf = (column: number) => Math.max(...table.map((row) => row[column]?.length ?? 0));
  return table.map((row) => `| ${row.map((cell, n) => cell.padEnd(widthOf(n))).join(' | ')} |`);
}

/** Each repeat is compared with the bare loop of the same repeat. */
const compare = (products: readonly number[], bare: readonly number[], as: Comparison): number[] =>
  products.map((product, repeat) => {
    const base = bare[repeat] ?? Number.NaN;
    return { value: product, ratio: product / base, added: product - base }[as];
  });

/** The median with the range. */
function show(values: readonly number[], digits: number): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map(
    (value) => value.toFixed(digits),
  );
  if (middle === 'NaN') return '';
  return least === most ? `${middle}` : `${middle} (${least} to ${most})`;
}

function verdict({ most, least }: (typeof TARGETS)[0], value: number): string {
  const isMet = value <= (most ?? Infinity) && value >= (least ?? -Infinity);
  return `${most === undefined ? `>= ${least}` : `<= ${most}`} ${isMet ? 'met' : 'MISSED'}`;
}
