import { gauge, mean, quantile, rate, sumBy } from '../promql.ts';
import { lines, type Row } from './row.ts';

export const SLOW: Row = {
  title: 'Why is it slow?',
  panels: [
    lines('Wait of callers', 's', {
      p50: quantile(0.5, 'labelfleet_wait_seconds', [], { ended: 'completed' }),
      p95: quantile(0.95, 'labelfleet_wait_seconds', [], { ended: 'completed' }),
      'p95 in the queue': quantile(0.95, 'labelfleet_queue_wait_seconds'),
    }),
    lines('Images on the queue, callers', 'short', {
      '{{state}}': `max by (state) (${gauge('labelfleet_queue_images')})`,
      'waiting callers': sumBy([], gauge('labelfleet_waiters')),
      'workers desired': `max(${gauge('labelfleet_workers_desired')})`,
    }),
    lines('Steps of a delivery, p95', 's', {
      '{{step}}': quantile(0.95, 'labelfleet_step_seconds', ['step']),
    }),
    lines('Decoding and inference, mean', 's', {
      '{{phase}}': mean('labelfleet_classify_seconds', ['phase']),
    }),
    lines('Received ahead, waiting for a classifier process', 'short', {
      'received ahead': sumBy(
        [],
        `clamp_min(${gauge('labelfleet_requests_open')} - ${gauge('labelfleet_slots')}, 0)`,
      ),
      'waiting for a classifier process': sumBy([], gauge('labelfleet_classifier_queue_images')),
      'processes replaced a second': sumBy(
        [],
        rate('labelfleet_classifier_processes_replaced_total'),
      ),
    }),
    lines('Calls to AWS, p95', 's', {
      '{{job}} {{operation}}': quantile(0.95, 'labelfleet_aws_call_seconds', ['job', 'operation'], {
        operation: '!ReceiveMessage',
      }),
    }),
    lines('Messages in a call of SQS, mean', 'short', {
      '{{job}} {{operation}}': mean('labelfleet_sqs_batch_messages', ['job', 'operation']),
    }),
    lines('Wait for others in a batch, p95', 's', {
      '{{job}} {{operation}}': quantile(0.95, 'labelfleet_sqs_batch_wait_seconds', [
        'job',
        'operation',
      ]),
    }),
    lines('Event loop delay, p99', 's', {
      '{{job}} {{instance}}': quantile(0.99, 'labelfleet_event_loop_delay_seconds', [
        'job',
        'instance',
      ]),
    }),
    lines('Memory of uploads', 'percentunit', {
      '{{instance}}': `${gauge('labelfleet_upload_bytes_in_flight')} / ${gauge('labelfleet_upload_bytes_limit')}`,
    }),
    lines('CPU', 'percentunit', {
      '{{job}} {{instance}}':
        'rate(process_cpu_seconds_total{job=~"labelfleet-.*"}[$__rate_interval])',
    }),
    lines('Memory', 'bytes', {
      '{{job}} {{instance}}': 'process_resident_memory_bytes{job=~"labelfleet-.*"}',
    }),
  ],
};
