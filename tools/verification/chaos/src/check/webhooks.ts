import * as z from 'zod';
import type { EventOf } from '../history/event.ts';
import { readAnswer } from '../history/read-answer.ts';
import { isShown } from './answers.ts';
import type { Broken } from './check.ts';
import type { Evidence } from './evidence.ts';

const bodySchema = z.object({
  type: z.enum(['classification.completed', 'batch.completed']),
  data: z.looseObject({ id: z.string(), status: z.string() }),
});

/** Every webhook that was asked for arrives at least once, signed and with a stable id, and no other does. */
export function findWebhookFaults(evidence: Evidence): Broken[] {
  const { webhooks, offers, images, results, batches, batchNames } = evidence;
  const accepted = new Set(webhooks.filter(({ status }) => status === 200).map(({ id }) => id));
  const isAsked = (requestId: string) => offers.get(images.get(requestId) ?? '')?.notify === true;
  const owed = [
    ...[...results.keys()].filter(isAsked).map((id) => `classification_${id}`),
    ...[...batchNames]
      .filter(([, name]) => batches.get(name)?.notify === true)
      .map(([id]) => `batch_${id}`),
  ];
  const asked = new Set(owed);
  return [
    ...webhooks.flatMap((webhook): Broken[] => {
      const what = faultOf(webhook, evidence, asked);
      return what === undefined ? [] : [[idIn(webhook), `has a webhook that ${what}`]];
    }),
    ...owed
      .filter((id) => !accepted.has(id))
      .map((id): Broken => [id.replace(/^.*_/, ''), `is completed, and ${id} never arrived`]),
  ];
}

/** The request or batch of a webhook. */
const idIn = ({ id }: EventOf<'webhook'>): string => id.replace(/^.*_/, '');

function faultOf(
  { id, signed, body, at }: EventOf<'webhook'>,
  evidence: Evidence,
  asked: ReadonlySet<string>,
): string | undefined {
  if (!signed) return 'is not signed';
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return `says ${JSON.stringify(body).slice(0, 200)}`;
  const { type, data } = parsed.data;
  const isBatch = type === 'batch.completed';
  if (id !== `${isBatch ? 'batch' : 'classification'}_${data.id}`) return `has the id ${id}`;
  if (!asked.has(id)) return 'nobody asked for';
  return isBatch ? faultOfBatch(data, at, evidence) : faultOfSingle(data, evidence);
}

function faultOfSingle(data: { id: string }, { results }: Evidence): string | undefined {
  const answer = readAnswer(200, data);
  const stored = results.get(data.id);
  return answer.kind === 'completed' && isShown(answer.result, stored)
    ? undefined
    : 'differs from what is stored';
}

function faultOfBatch(
  { id, status }: { id: string; status: string },
  at: number,
  { storedBatches, results }: Evidence,
): string | undefined {
  const items = storedBatches.get(id)?.items ?? [];
  const isEarly = items.some((item) => {
    if (!('requestId' in item)) return false;
    const result = results.get(item.requestId);
    return result === undefined || Date.parse(result.completedAt) > at;
  });
  return isEarly || status !== 'completed' ? 'came before the batch was completed' : undefined;
}
