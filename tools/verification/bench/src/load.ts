import { readFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

const TIMEOUT_MS = 60_000;
const BOUNDARY = 'bench-5f3c9a1e7d';

export interface Answer {
  file: string;
  label: string;
  latencyMs: number;
}
export type OnAnswer = (answer: Answer) => void;

/** What classifies images all the time, until it is stopped. */
export interface Running {
  /** Rejects at the first failure. */
  ended: Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Posts images in closed loops: each client sends its next image when it has the answer for the last one. The images
 * are encoded before, because the clients share the cores with what is measured: npm run loadgen takes 0.5 ms of CPU
 * an image, and this takes 0.1 ms.
 * @param onRefused called when an image is refused with 503, and its client pauses for Retry-After, or when its
 * connection is reset; by default either is a failure
 */
export async function startLoad(
  url: URL,
  files: readonly string[],
  clients: number,
  onAnswer: OnAnswer,
  onRefused?: (how: '503' | 'reset') => void,
): Promise<Running> {
  const uploads = await Promise.all(
    files.map(async (file) => ({ file, body: encode(basename(file), await readFile(file)) })),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  let next = 0;
  const stopping = new AbortController();
  const pause = (seconds: number) =>
    delay(seconds * 1000, undefined, { signal: stopping.signal }).catch(() => undefined);
  const client = async () => {
    while (!stopping.signal.aborted) {
      const { file, body } = uploads[next++ % uploads.length] as (typeof uploads)[0];
      const sentAtMs = performance.now();
      const response = await post(url, agent, body).catch((error: unknown) => {
        if (onRefused === undefined) throw error;
      });
      if (response === undefined) {
        onRefused?.('reset');
        await pause(1);
        continue;
      }
      const label = (await text(response)).trim();
      const retryAfter = response.headers['retry-after'];
      if (onRefused !== undefined && response.statusCode === 503 && retryAfter !== undefined) {
        onRefused('503');
        await pause(Number(retryAfter));
        continue;
      }
      if (response.statusCode !== 200)
        throw new Error(`${file} was answered with ${response.statusCode}: ${label}`);
      onAnswer({ file, label, latencyMs: performance.now() - sentAtMs });
    }
  };
  const ended = Promise.all(Array.from({ length: clients }, client));
  return {
    ended,
    async stop() {
      stopping.abort();
      await ended.finally(() => agent.destroy());
    },
  };
}

const encode = (name: string, bytes: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="myfile"; `),
    Buffer.from(`filename="${name}"\r\ncontent-type: image/jpeg\r\n\r\n`),
    bytes,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);

function post(url: URL, agent: Agent, body: Buffer): Promise<IncomingMessage> {
  const headers = {
    accept: 'text/plain, */*;q=0.1',
    'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    'content-length': body.byteLength,
  };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', agent, headers, signal })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });
}
