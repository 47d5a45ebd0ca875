import { COST } from './rows/cost.ts';
import type { Row } from './rows/row.ts';
import { SLOW } from './rows/slow.ts';
import { WORKING } from './rows/working.ts';

export const ROWS: readonly Row[] = [WORKING, SLOW, COST];

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
      targets: Object.entries(panel.queries).map(([legend, expr], query) => ({
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
