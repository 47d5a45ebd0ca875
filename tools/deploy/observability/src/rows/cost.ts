import { gauge, rate, sumBy } from '../promql.ts';
import { areas, lines, type Row } from './row.ts';

export const COST: Row = {
  title: 'What does it cost?',
  panels: [
    lines('An hour of what runs', 'currencyUSD', {
      instances: `max(${gauge('labelfleet_cost_per_hour_usd')})`,
    }),
    lines('An image, over the last hour', 'currencyUSD', {
      image: `max(${gauge('labelfleet_cost_per_image_usd')})`,
    }),
    areas('Since counting began', 'currencyUSD', {
      '{{part}}': `max by (part) (${gauge('labelfleet_cost_usd')})`,
    }),
    areas('An hour of calls to AWS', 'currencyUSD', {
      '{{job}} {{operation}}': `3600 * ${sumBy(['job', 'operation'], rate('labelfleet_aws_calls_cost_usd_total'))}`,
    }),
  ],
};
