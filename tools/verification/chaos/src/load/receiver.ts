import { sleep } from '@labelfleet/runtime';
import { jsonOrUndefined } from '@labelfleet/testkit/json';
import type { Random } from '@labelfleet/testkit/random';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import type { History } from '../history/history.ts';

/** The name of the receiver. */
export const RECEIVER = 'archive';

/** It is down for three seconds of fifteen. */
const DOWN_EVERY_MS = 15_000;
const DOWN_MS = 3_000;
const SLOW_MS = 3_000;

/** A receiver of webhooks on loopback that fails now and then, until `calm` is called. */
export async function startReceiver(history: Pick<History, 'note'>, random: Random) {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const verifier = new Webhook(secret);
  const beganAt = performance.now();
  let isCalm = false;
  const isDown = () => !isCalm && (performance.now() - beganAt) % DOWN_EVERY_MS < DOWN_MS;

  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const headers = request.headers as Record<string, string>;
    const status = isCalm ? 200 : planAnswer(random);
    const signed = isSigned(verifier, body, headers);
    const id = headers['webhook-id'] ?? '';
    history.note({
      ...{ kind: 'webhook', id, signed, status },
      body: jsonOrUndefined(body) ?? body,
    });
    if (!isCalm && random.chance(0.1)) await sleep(SLOW_MS);
    if (status === null) request.destroy();
    else response.writeHead(status).end();
  };
  const server = createServer((request, response) => {
    // Its sender was killed.
    take(request, response).catch(() => request.destroy());
  });
  server.on('connection', (socket) => {
    if (isDown()) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/labels`;
  return {
    /** The text of WEBHOOKS_FILE. */
    file: JSON.stringify({ receivers: [{ name: RECEIVER, url, secrets: [secret] }] }),
    /** From now on it accepts every webhook. */
    calm: () => void (isCalm = true),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function planAnswer(random: Random): 200 | 500 | null {
  const chance = random.next();
  if (chance < 0.1) return 500;
  return chance < 0.15 ? null : 200;
}

function isSigned(verifier: Webhook, body: string, headers: Record<string, string>): boolean {
  try {
    verifier.verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
