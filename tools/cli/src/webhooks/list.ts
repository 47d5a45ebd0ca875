import { readJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  WEBHOOK_RECORD_PREFIX,
  webhookId,
  webhookRecordCodec,
  webhookRecordKey,
  type WebhookRecord,
} from '@labelfleet/contracts';
import type { DeadLetter } from './dead-letters.ts';

const PAGE = 100;

/** The records of all webhooks whose last try failed, by their keys. */
export async function readRecords(
  state: Pick<ObjectStore, 'get' | 'list'>,
): Promise<ReadonlyMap<string, WebhookRecord>> {
  const records = new Map<string, WebhookRecord>();
  for (let after = ''; ;) {
    const keys = await state.list(WEBHOOK_RECORD_PREFIX, PAGE, after);
    const page = await Promise.all(keys.map((key) => readJson(state, key, webhookRecordCodec)));
    for (const read of page)
      if (read) records.set(webhookRecordKey(read.value.message), read.value);
    if (keys.length < PAGE) return records;
    after = keys.at(-1) ?? '';
  }
}

/** One line a webhook: those that wait for their next try, the next one first; then the dead letters. */
export function listLines(
  records: ReadonlyMap<string, WebhookRecord>,
  letters: readonly DeadLetter[],
): string[] {
  const waiting = [...records.values()]
    .filter(({ nextTryAt }) => nextTryAt !== null)
    .sort((a, b) => (a.nextTryAt ?? '').localeCompare(b.nextTryAt ?? ''))
    .map((record) => line('waiting', record.message.receiver, webhookId(record.message), record));
  const dead = letters.map(({ message, id }) => {
    if (message === undefined) return line('dead', '', id, undefined, 'no message of this version');
    return line('dead', message.receiver, id, records.get(webhookRecordKey(message)));
  });
  return [...waiting, ...dead];
}

const line = (
  status: 'waiting' | 'dead',
  receiver: string,
  id: string,
  record: Pick<WebhookRecord, 'tries' | 'nextTryAt' | 'error'> | undefined,
  error = record?.error ?? '',
): string =>
  [status, receiver, id, record?.tries ?? '', record?.nextTryAt ?? '', error]
    .map((field) => String(field).replaceAll(/\s+/g, ' '))
    .join('\t');
