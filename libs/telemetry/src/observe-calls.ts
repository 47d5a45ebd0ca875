import type { CallObserver, EndedCall } from '@labelfleet/aws/queue';
import { callsUsd, sqsRequests, type Calls, type Prices } from '@labelfleet/scaling/cost';
import type { ProcessMetrics } from './process-metrics.ts';

/** Counts calls to AWS, their time, their cost and what SQS calls carry. */
export function observeCalls(metrics: ProcessMetrics, prices: Prices): CallObserver {
  return {
    ended(call) {
      const { service, operation, outcome, seconds, messages, tries } = call;
      const labels = { service, operation };
      metrics.labelfleet_aws_calls_total.inc({ ...labels, outcome });
      metrics.labelfleet_aws_call_seconds.observe(labels, seconds);
      const usd = callUsd(prices, call);
      if (usd !== null) metrics.labelfleet_aws_calls_cost_usd_total.inc(labels, usd * tries);
      if (messages !== undefined)
        metrics.labelfleet_sqs_batch_messages.observe({ operation }, messages);
    },
    batched({ operation, waitedMs }) {
      metrics.labelfleet_sqs_batch_wait_seconds.observe({ operation }, waitedMs / 1000);
    },
  };
}

const NO_CALLS: Calls = { sqsStandard: 0, sqsFifo: 0, s3Put: 0, s3Get: 0 };

/** @returns null if its price is unknown */
function callUsd(prices: Prices, call: EndedCall): number | null {
  const { queue, store } = callsUsd(prices, { ...NO_CALLS, ...billed(call) });
  return call.service === 'sqs' ? queue : store;
}

/** What AWS bills for a call (aws.amazon.com/sqs/pricing, aws.amazon.com/s3/pricing). EC2's API is free. */
function billed({ service, operation, payloadBytes, fifo }: EndedCall): Partial<Calls> {
  switch (service) {
    case 'ec2':
      return {};
    case 'sqs':
      return { [fifo ? 'sqsFifo' : 'sqsStandard']: sqsRequests(payloadBytes) };
    case 's3':
      if (operation.startsWith('Delete')) return {};
      return /^(Put|Copy|Post|List)/.test(operation) ? { s3Put: 1 } : { s3Get: 1 };
  }
}
