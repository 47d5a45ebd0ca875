/** One of Grafana's units. */
type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'currencyUSD' | 'reqps';

export interface Panel {
  title: string;
  unit: Unit;
  /** PromQL by the name of its lines, in which `{{label}}` is a label's value. */
  queries: Readonly<Record<string, string>>;
  stacked: boolean;
}

export interface Row {
  /** A question that the row answers. */
  title: string;
  panels: Panel[];
}

export const lines = (title: string, unit: Unit, queries: Panel['queries']): Panel => ({
  title,
  unit,
  queries,
  stacked: false,
});

/** Areas on top of each other, where the sum says something. */
export const areas = (...of: Parameters<typeof lines>): Panel => ({
  ...lines(...of),
  stacked: true,
});
