import { gauge, rate, rateOf, sumBy } from '../promql.ts';
import { areas, lines, type Row } from './row.ts';

export const WORKING: Row = {
  title: 'Is it working?',
  panels: [
    areas('Requests by status', 'reqps', {
      '{{status}}': sumBy(['status'], rateOf('labelfleet_http_requests_seconds')),
    }),
    lines('Deliveries by outcome', 'reqps', {
      '{{outcome}}': sumBy(['outcome'], rate('labelfleet_deliveries_total')),
      'failed attempts': sumBy([], rate('labelfleet_attempts_total', { outcome: 'failed' })),
    }),
    lines('Images and chunks of jobs', 'reqps', {
      'images: {{outcome}}': sumBy(['outcome'], rate('labelfleet_job_images_total')),
      'chunks: {{outcome}}': sumBy(
        ['outcome'],
        rate('labelfleet_job_chunks_total', { outcome: '!stored' }),
      ),
    }),
    areas('Workers by state', 'short', {
      '{{state}}': sumBy(['state'], gauge('labelfleet_workers')),
    }),
    lines('Leaders, stale snapshots', 'short', {
      leaders: sumBy([], gauge('labelfleet_scaler_role', { role: 'leader' })),
      'snapshot is stale': `max(${gauge('labelfleet_fleet_snapshot_stale')})`,
    }),
    lines('Launches, drains, failed boots', 'reqps', {
      '{{step}}': sumBy(['step'], rate('labelfleet_fleet_steps_total')),
      'failed boot: {{cause}}': sumBy(['cause'], rate('labelfleet_boots_failed_total')),
    }),
    lines('Requests that needed help', 'reqps', {
      'dead letters': sumBy([], rate('labelfleet_dead_letters_total')),
      swept: sumBy([], rate('labelfleet_requests_swept_total')),
      'results without a reply': sumBy([], rate('labelfleet_results_found_in_store_total')),
      'webhooks: {{outcome}}': sumBy(
        ['outcome'],
        rate('labelfleet_webhooks_total', { outcome: '!delivered' }),
      ),
    }),
    lines('Images of jobs that are left', 'short', {
      images: `max(${gauge('labelfleet_job_images_remaining')})`,
    }),
    lines('Jobs, workers for them', 'short', {
      'active jobs': `max(${gauge('labelfleet_jobs_active')})`,
      'workers for jobs': `max(${gauge('labelfleet_workers_for_jobs')})`,
      'no progress': `max(${gauge('labelfleet_jobs_stalled')})`,
    }),
    lines('Calls to AWS that fail', 'reqps', {
      '{{job}} {{operation}} {{outcome}}': sumBy(
        ['job', 'operation', 'outcome'],
        rate('labelfleet_aws_calls_total', { outcome: '~failed|denied' }),
      ),
      'scaler {{call}} {{kind}}': sumBy(['call', 'kind'], rate('labelfleet_troubles_total')),
    }),
    lines('Uploads by outcome', 'reqps', {
      '{{outcome}}': sumBy(['outcome'], rate('labelfleet_uploads_total')),
    }),
  ],
};
