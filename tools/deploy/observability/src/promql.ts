import type { METRICS, MetricName } from '@labelfleet/telemetry';

type Metrics = typeof METRICS;
type OfType<Type> = {
  [Name in MetricName]: Metrics[Name]['type'] extends Type ? Name : never;
}[MetricName];
type LabelOf<Name extends MetricName> = Metrics[Name] extends { labels: infer Labels }
  ? keyof Labels & string
  : never;

/** Labels that Prometheus adds. */
type Added = 'job' | 'instance';
/** `~a|b`, `!a` and `!~a|b` are PromQL's other operators. */
type Selector<Name extends MetricName> = Partial<Record<LabelOf<Name> | Added, string>>;

/** PromQL whose metrics and labels the compiler knows. */
export const gauge = <Name extends OfType<'gauge'>>(name: Name, where: Selector<Name> = {}) =>
  `${name}${selector(where)}`;

/** Per second. */
export const rate = <Name extends OfType<'counter'>>(name: Name, where: Selector<Name> = {}) =>
  `rate(${name}${selector(where)}[$__rate_interval])`;

/** How many of a histogram's events there are per second. */
export const rateOf = <Name extends OfType<'histogram'>>(name: Name, where: Selector<Name> = {}) =>
  `rate(${name}_count${selector(where)}[$__rate_interval])`;

export const sumBy = (labels: readonly string[], expression: string) =>
  labels.length === 0 ? `sum(${expression})` : `sum by (${labels.join(', ')}) (${expression})`;

export const quantile = <Name extends OfType<'histogram'>>(
  share: number,
  name: Name,
  by: readonly (LabelOf<Name> | Added)[] = [],
  where: Selector<Name> = {},
) =>
  `histogram_quantile(${share}, ${sumBy([...by, 'le'], `rate(${name}_bucket${selector(where)}[$__rate_interval])`)})`;

export const mean = <Name extends OfType<'histogram'>>(
  name: Name,
  by: readonly (LabelOf<Name> | Added)[] = [],
) => {
  const part = (suffix: 'sum' | 'count') => sumBy(by, `rate(${name}_${suffix}[$__rate_interval])`);
  return `${part('sum')} / ${part('count')}`;
};

function selector(where: Readonly<Record<string, string | undefined>>): string {
  const parts = Object.entries(where).flatMap(([label, value = '']) => {
    const [, operator = '', text = ''] = /^(!~|!|~|)(.*)$/.exec(value) ?? [];
    const promql = { '': '=', '!': '!=', '~': '=~', '!~': '!~' }[operator];
    return [`${label}${promql}"${text}"`];
  });
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
