import { gauge, mean, quantile, rate, rateOf, sumBy } from './promql.ts';

interface Query {
  expr: string;
  /** The name of each line; `{{label}}` is a label's value. */
  legend: string;
}

interface Panel {
  title: string;
  /** One of Grafana's units. */
  unit: 'short' | 's' | 'bytes' | 'percentunit' | 'currencyUSD' | 'reqps';
  queries: Query[];
  stacked?: true;
}

interface Row {
  /** A question that the row answers. */
  title: string;
  panels: Panel[];
}

const HOUR = 3600;

export const ROWS: readonly Row[] = [
  {
    title: 'Is it working?',
    panels: [
      {
        title: 'Requests by status',
        unit: 'reqps',
        stacked: true,
        queries: [
          {
            expr: sumBy(['status'], rateOf('labelfleet_http_requests_seconds')),
            legend: '{{status}}',
          },
        ],
      },
      {
        title: 'Deliveries by outcome',
        unit: 'reqps',
        queries: [
          { expr: sumBy(['outcome'], rate('labelfleet_deliveries_total')), legend: '{{outcome}}' },
          {
            expr: sumBy([], rate('labelfleet_attempts_total', { outcome: 'failed' })),
            legend: 'failed attempts',
          },
        ],
      },
      {
        title: 'Workers by state',
        unit: 'short',
        stacked: true,
        queries: [{ expr: sumBy(['state'], gauge('labelfleet_workers')), legend: '{{state}}' }],
      },
      {
        title: 'Leaders, stale snapshots',
        unit: 'short',
        queries: [
          {
            expr: sumBy([], gauge('labelfleet_scaler_role', { role: 'leader' })),
            legend: 'leaders',
          },
          { expr: `max(${gauge('labelfleet_fleet_snapshot_stale')})`, legend: 'snapshot is stale' },
        ],
      },
      {
        title: 'Launches, drains, failed boots',
        unit: 'reqps',
        queries: [
          { expr: sumBy(['step'], rate('labelfleet_fleet_steps_total')), legend: '{{step}}' },
          {
            expr: sumBy(['cause'], rate('labelfleet_boots_failed_total')),
            legend: 'failed boot: {{cause}}',
          },
        ],
      },
      {
        title: 'Requests that needed help',
        unit: 'reqps',
        queries: [
          { expr: sumBy([], rate('labelfleet_dead_letters_total')), legend: 'dead letters' },
          { expr: sumBy([], rate('labelfleet_requests_swept_total')), legend: 'swept' },
          {
            expr: sumBy([], rate('labelfleet_results_found_in_store_total')),
            legend: 'results without a reply',
          },
          {
            expr: sumBy(['outcome'], rate('labelfleet_webhooks_total', { outcome: '!delivered' })),
            legend: 'webhooks: {{outcome}}',
          },
        ],
      },
      {
        title: 'Calls to AWS that fail',
        unit: 'reqps',
        queries: [
          {
            expr: sumBy(
              ['job', 'operation', 'outcome'],
              rate('labelfleet_aws_calls_total', { outcome: '~failed|denied' }),
            ),
            legend: '{{job}} {{operation}} {{outcome}}',
          },
          {
            expr: sumBy(['call', 'kind'], rate('labelfleet_troubles_total')),
            legend: 'scaler {{call}} {{kind}}',
          },
        ],
      },
      {
        title: 'Uploads by outcome',
        unit: 'reqps',
        queries: [
          { expr: sumBy(['outcome'], rate('labelfleet_uploads_total')), legend: '{{outcome}}' },
        ],
      },
    ],
  },
  {
    title: 'Why is it slow?',
    panels: [
      {
        title: 'Wait of callers',
        unit: 's',
        queries: [
          {
            expr: quantile(0.5, 'labelfleet_wait_seconds', [], { ended: 'completed' }),
            legend: 'p50',
          },
          {
            expr: quantile(0.95, 'labelfleet_wait_seconds', [], { ended: 'completed' }),
            legend: 'p95',
          },
          { expr: quantile(0.95, 'labelfleet_queue_wait_seconds'), legend: 'p95 in the queue' },
        ],
      },
      {
        title: 'Images on the queue, callers',
        unit: 'short',
        queries: [
          { expr: `max by (state) (${gauge('labelfleet_queue_images')})`, legend: '{{state}}' },
          { expr: sumBy([], gauge('labelfleet_waiters')), legend: 'waiting callers' },
          { expr: `max(${gauge('labelfleet_workers_desired')})`, legend: 'workers desired' },
        ],
      },
      {
        title: 'Steps of a delivery, p95',
        unit: 's',
        queries: [
          { expr: quantile(0.95, 'labelfleet_step_seconds', ['step']), legend: '{{step}}' },
        ],
      },
      {
        title: 'Decoding and inference, mean',
        unit: 's',
        queries: [{ expr: mean('labelfleet_classify_seconds', ['phase']), legend: '{{phase}}' }],
      },
      {
        title: 'Received ahead, waiting for a classifier process',
        unit: 'short',
        queries: [
          {
            expr: sumBy(
              [],
              `clamp_min(${gauge('labelfleet_requests_open')} - ${gauge('labelfleet_slots')}, 0)`,
            ),
            legend: 'received ahead',
          },
          {
            expr: sumBy([], gauge('labelfleet_classifier_queue_images')),
            legend: 'waiting for a classifier process',
          },
          {
            expr: sumBy([], rate('labelfleet_classifier_processes_replaced_total')),
            legend: 'processes replaced a second',
          },
        ],
      },
      {
        title: 'Calls to AWS, p95',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, 'labelfleet_aws_call_seconds', ['job', 'operation'], {
              operation: '!ReceiveMessage',
            }),
            legend: '{{job}} {{operation}}',
          },
        ],
      },
      {
        title: 'Messages in a call of SQS, mean',
        unit: 'short',
        queries: [
          {
            expr: mean('labelfleet_sqs_batch_messages', ['job', 'operation']),
            legend: '{{job}} {{operation}}',
          },
        ],
      },
      {
        title: 'Wait for others in a batch, p95',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, 'labelfleet_sqs_batch_wait_seconds', ['job', 'operation']),
            legend: '{{job}} {{operation}}',
          },
        ],
      },
      {
        title: 'Event loop delay, p99',
        unit: 's',
        queries: [
          {
            expr: quantile(0.99, 'labelfleet_event_loop_delay_seconds', ['job', 'instance']),
            legend: '{{job}} {{instance}}',
          },
        ],
      },
      {
        title: 'Memory of uploads',
        unit: 'percentunit',
        queries: [
          {
            expr: `${gauge('labelfleet_upload_bytes_in_flight')} / ${gauge('labelfleet_upload_bytes_limit')}`,
            legend: '{{instance}}',
          },
        ],
      },
      {
        title: 'CPU',
        unit: 'percentunit',
        queries: [
          {
            expr: 'rate(process_cpu_seconds_total{job=~"labelfleet-.*"}[$__rate_interval])',
            legend: '{{job}} {{instance}}',
          },
        ],
      },
      {
        title: 'Memory',
        unit: 'bytes',
        queries: [
          {
            expr: 'process_resident_memory_bytes{job=~"labelfleet-.*"}',
            legend: '{{job}} {{instance}}',
          },
        ],
      },
    ],
  },
  {
    title: 'What does it cost?',
    panels: [
      {
        title: 'An hour of what runs',
        unit: 'currencyUSD',
        queries: [{ expr: `max(${gauge('labelfleet_cost_per_hour_usd')})`, legend: 'instances' }],
      },
      {
        title: 'An image, over the last hour',
        unit: 'currencyUSD',
        queries: [{ expr: `max(${gauge('labelfleet_cost_per_image_usd')})`, legend: 'image' }],
      },
      {
        title: 'Since counting began',
        unit: 'currencyUSD',
        stacked: true,
        queries: [{ expr: `max by (part) (${gauge('labelfleet_cost_usd')})`, legend: '{{part}}' }],
      },
      {
        title: 'An hour of calls to AWS',
        unit: 'currencyUSD',
        stacked: true,
        queries: [
          {
            expr: `${HOUR} * ${sumBy(['job', 'operation'], rate('labelfleet_aws_calls_cost_usd_total'))}`,
            legend: '{{job}} {{operation}}',
          },
        ],
      },
    ],
  },
];

const WIDTH = 24;
const PANEL = { w: 6, h: 7 };
const SOURCE = { type: 'prometheus', uid: '${source}' };

/** The dashboard as Grafana imports it. */
export function dashboard() {
  let y = 0;
  let id = 0;
  const panels = ROWS.flatMap(({ title, panels }) => {
    const row = { id: ++id, type: 'row', title, gridPos: { x: 0, y: y++, w: WIDTH, h: 1 } };
    const perLine = WIDTH / PANEL.w;
    const placed = panels.map((panel, index) => ({
      id: ++id,
      type: 'timeseries',
      title: panel.title,
      datasource: SOURCE,
      gridPos: {
        ...PANEL,
        x: (index % perLine) * PANEL.w,
        y: y + Math.floor(index / perLine) * PANEL.h,
      },
      fieldConfig: {
        defaults: {
          unit: panel.unit,
          min: 0,
          custom: {
            fillOpacity: panel.stacked ? 30 : 0,
            stacking: { mode: panel.stacked ? 'normal' : 'none' },
          },
        },
        overrides: [],
      },
      targets: panel.queries.map(({ expr, legend }, query) => ({
        refId: String.fromCharCode(65 + query),
        datasource: SOURCE,
        expr,
        legendFormat: legend,
      })),
    }));
    y += Math.ceil(panels.length / perLine) * PANEL.h;
    return [row, ...placed];
  });
  return {
    title: 'labelfleet',
    uid: 'labelfleet',
    tags: ['labelfleet'],
    schemaVersion: 39,
    editable: true,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [{ name: 'source', label: 'Prometheus', type: 'datasource', query: 'prometheus' }],
    },
    panels,
  };
}

export const dashboardText = (): string => `${JSON.stringify(dashboard(), null, 2)}\n`;
