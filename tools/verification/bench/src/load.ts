import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';

const TIMEOUT_MS = 60_000;

export interface Answer {
  endedAtMs: number;
  latencyMs: number;
}

interface Upload {
  file: string;
  headers: Record<string, string | number>;
  body: Buffer;
}

export interface Target {
  url: URL;
  /** At least one path. */
  files: readonly string[];
  clients: number;
  /** The label of each file by its path. Undefined: only the status of an answer is checked. */
  expected: ReadonlyMap<string, string> | undefined;
}

/**
 * Posts images in closed loops: each client sends its next image when it has the answer for the last one. The requests
 * are encoded before, because clients share the cores with what is measured.
 */
export async function startLoad(target: Target) {
  const uploads = await Promise.all(target.files.map(encode));
  const agent = new Agent({ keepAlive: true, maxSockets: target.clients });
  const answers: Answer[] = [];
  let next = 0;
  let isStopped = false;
  const client = async () => {
    while (!isStopped) {
      const upload = uploads[next++ % uploads.length] as Upload;
      const sentAtMs = performance.now();
      const { status, body } = await post(target.url, agent, upload);
      const endedAtMs = performance.now();
      const wanted = target.expected?.get(upload.file) ?? body;
      if (status !== 200 || body !== wanted)
        throw new Error(`${upload.file}: ${status} ${body}; expected: 200 ${wanted}`);
      answers.push({ endedAtMs, latencyMs: endedAtMs - sentAtMs });
    }
  };
  const ended = Promise.all(Array.from({ length: target.clients }, client));
  return {
    /** All answers so far. */
    answers,
    /** Rejects at the first wrong answer. */
    ended,
    async stop(): Promise<void> {
      isStopped = true;
      await ended.finally(() => agent.destroy());
    },
  };
}

async function encode(file: string): Promise<Upload> {
  const boundary = `bench-${randomUUID()}`;
  const disposition = `form-data; name="myfile"; filename="${basename(file)}"`;
  const body = Buffer.concat([
    Buffer.from(`--${boundary}\r\ncontent-disposition: ${disposition}\r\n`),
    Buffer.from('content-type: image/jpeg\r\n\r\n'),
    await readFile(file),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const headers = {
    accept: 'text/plain, */*;q=0.1',
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': body.byteLength,
  };
  return { file, headers, body };
}

async function post(url: URL, agent: Agent, { headers, body }: Upload) {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method: 'POST', agent, headers, signal })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });
  return { status: response.statusCode ?? 0, body: (await text(response)).trim() };
}
