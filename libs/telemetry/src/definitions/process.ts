import { ANY, CALL_BUCKETS, type MetricDefinitions } from '../metric-definition.ts';

const CALL = { service: ANY, operation: ANY } as const;

/** The metrics that every app has. */
export const PROCESS_METRICS = {
  labelfleet_log_lines_lost: {
    type: 'gauge',
    help: 'Log lines that could not be written since the process started',
  },
  labelfleet_event_loop_delay_seconds: {
    type: 'histogram',
    help: 'How late a timer of 100 ms ran: for so long the process did nothing else',
    buckets: [0.002, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  labelfleet_aws_calls_total: {
    type: 'counter',
    help: 'Calls to AWS by service, operation and outcome: done, refused (a 4xx that says what is the case, such as that an object is missing), denied (no permission), failed (the SDK had given up, or the time limit was reached), repeated (a direct call that the SDK made again), aborted (a receive that was ended early)',
    labels: { ...CALL, outcome: ANY },
  },
  labelfleet_aws_call_seconds: {
    type: 'histogram',
    help: 'Seconds of a call to AWS, retries and long polls included',
    labels: CALL,
    buckets: [...CALL_BUCKETS, 20],
  },
  labelfleet_aws_calls_cost_usd_total: {
    type: 'counter',
    help: 'Cost of calls to AWS in USD, retries included; absent without a price',
    labels: CALL,
  },
  labelfleet_sqs_batch_messages: {
    type: 'histogram',
    help: 'Messages in a call of SQS',
    labels: { operation: ANY },
    buckets: [0, 1, 2, 4, 6, 8, 10],
  },
  labelfleet_sqs_batch_wait_seconds: {
    type: 'histogram',
    help: 'Seconds that the first message of a batch waited for others',
    labels: { operation: ANY },
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  },
} as const satisfies MetricDefinitions;
