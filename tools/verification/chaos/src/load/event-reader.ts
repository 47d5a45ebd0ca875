import { sleep } from '@labelfleet/runtime';
import { jsonOrUndefined } from '@labelfleet/testkit/json';
import type { Random } from '@labelfleet/testkit/random';
import { createParser } from 'eventsource-parser';
import type { History } from '../history/history.ts';
import type { Credentials } from './callers.ts';
import type { Gateways } from './gateways.ts';
import { Pauses } from './pauses.ts';

export interface Followed {
  /** The batch or offer. */
  of: string;
  /** The path of its events. */
  path: string;
  caller: Credentials;
}

interface EventReaderDeps {
  gateways: Gateways;
  history: Pick<History, 'note'>;
  random: Random;
}

/** The chance that a reader leaves after a chunk the stream that has delivered an image, to resume it at another gateway. */
const LEAVE_CHANCE = 0.6;
/** The gateway sends something at least every 15 s. */
const SILENT_MS = 25_000;

/** Reads event streams to their end, and resumes them at any gateway. */
export class EventReader {
  readonly #deps: EventReaderDeps;
  #readers = 0;

  constructor(deps: EventReaderDeps) {
    this.#deps = deps;
  }

  async read(followed: Followed, signal: AbortSignal): Promise<void> {
    const reader = `reader-${++this.#readers}`;
    const { gateways } = this.#deps;
    const position = { after: '', done: false };
    const pauses = new Pauses();
    for (let gateway = gateways.any(); !signal.aborted; gateway++) {
      const ended = await this.#readOnce(reader, followed, gateway, position, signal);
      if (position.done) return;
      await sleep(pauses.after(ended), signal);
    }
  }

  /** @returns undefined if the connection broke */
  async #readOnce(
    reader: string,
    { of, path, caller }: Followed,
    gateway: number,
    position: { after: string; done: boolean },
    signal: AbortSignal,
  ): Promise<'served' | 'refused' | undefined> {
    const { gateways, history, random } = this.#deps;
    const { after } = position;
    const byHeader = random.chance(0.5);
    const leave = new AbortController();
    let silence = setTimeout(() => leave.abort(new Error('silent')), SILENT_MS);
    const call = {
      offer: reader,
      how: 'events' as const,
      gateway,
      path: after === '' || byHeader ? path : `${path}?after=${after}`,
      caller,
      ...(after !== '' && byHeader && { headers: { 'last-event-id': after } }),
    };
    const ends = AbortSignal.any([signal, leave.signal]);
    try {
      return await gateways.open(
        call,
        ends,
        async (response, via): Promise<'served' | 'refused'> => {
          const { status, body } = response;
          history.note({ kind: 'opened', reader, of, via, after, status });
          if (status === 204) position.done = true;
          if (status !== 200 || body === null) {
            await body?.cancel();
            return 'refused';
          }
          const parser = createParser({
            onEvent: ({ event: type = '', id = '', data: json }) => {
              const data = jsonOrUndefined(json) ?? json;
              history.note({ kind: 'streamed', reader, type, id, data });
              if (id !== '') position.after = id;
              if (type === 'done') position.done = true;
            },
          });
          const decoder = new TextDecoder();
          for await (const chunk of body as ReadableStream<Uint8Array>) {
            clearTimeout(silence);
            silence = setTimeout(() => leave.abort(new Error('silent')), SILENT_MS);
            parser.feed(decoder.decode(chunk, { stream: true }));
            if (position.after !== '' && !position.done && random.chance(LEAVE_CHANCE)) break;
          }
          return 'served';
        },
      );
    } finally {
      clearTimeout(silence);
    }
  }
}
