import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { ANY, type MetricDefinition, type MetricDefinitions } from './metric-definition.ts';

type LabelOf<D extends MetricDefinition> = D extends { labels: infer L } ? keyof L & string : never;

type Instrument<D extends MetricDefinition> = {
  counter: Counter<LabelOf<D>>;
  gauge: Gauge<LabelOf<D>>;
  histogram: Histogram<LabelOf<D>>;
}[D['type']];

export type Instruments<Ds extends MetricDefinitions> = {
  readonly [Name in keyof Ds]: Ds[Name] extends MetricDefinition ? Instrument<Ds[Name]> : never;
};

/** Gauges whose level is read when the metrics are scraped. */
export type Levels<Ds extends MetricDefinitions> = {
  readonly [Name in keyof Ds]?: () => number | Promise<number>;
};

/** Makes all metrics of some definitions, in one registry. */
export function makeMetrics<const Ds extends MetricDefinitions>(
  registry: Registry,
  definitions: Ds,
  levels: Levels<Ds> = {},
): Instruments<Ds> {
  const made = Object.entries<MetricDefinition>(definitions).map(([name, definition]) => [
    name,
    make(registry, name, definition, levels[name as keyof Ds]),
  ]);
  return Object.fromEntries(made) as Instruments<Ds>;
}

function make(
  registry: Registry,
  name: string,
  { type, help, labels = {}, buckets }: MetricDefinition,
  level: (() => number | Promise<number>) | undefined,
) {
  const common = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  switch (type) {
    case 'counter': {
      const counter = new Counter(common);
      for (const combination of combinations(labels)) counter.inc(combination, 0);
      return counter;
    }
    case 'gauge':
      return new Gauge({
        ...common,
        ...(level && {
          async collect() {
            this.set(await level());
          },
        }),
      });
    case 'histogram':
      return new Histogram({ ...common, ...(buckets && { buckets: [...buckets] }) });
  }
}

/** Every combination of the labels' values; none if a label can have any value. */
function combinations(labels: NonNullable<MetricDefinition['labels']>): Record<string, string>[] {
  let all: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(labels)) {
    if (values === ANY) return [];
    all = all.flatMap((one) => values.map((value) => ({ ...one, [label]: value })));
  }
  return all;
}
