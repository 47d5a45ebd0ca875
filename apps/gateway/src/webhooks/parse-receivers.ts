import { requestOptionsSchema } from '@labelfleet/contracts';
import * as z from 'zod';
import { isLoopback } from '../http/loopback.ts';

export interface Receiver {
  name: string;
  url: URL;
  /** Each signs, so that a receiver may exchange its secret at any time. */
  secrets: readonly Buffer[];
}

/** `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks). */
const secretSchema = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'must be whsec_ and base64')
  .transform((secret) => Buffer.from(secret.slice('whsec_'.length), 'base64'))
  .refine(({ length }) => length >= 24 && length <= 64, 'must have 24 to 64 bytes in base64');

const fileSchema = z.strictObject({
  receivers: z
    .array(
      z.strictObject({
        name: requestOptionsSchema.shape.notify.unwrap(),
        url: z.url().transform((url) => new URL(url)),
        secrets: z.array(secretSchema).min(1).max(5),
      }),
    )
    .refine(
      (receivers) => new Set(receivers.map(({ name }) => name)).size === receivers.length,
      'two receivers have the same name',
    ),
});

/**
 * Reads the text of a receivers file. The reasons of a fault name no secret.
 * @param allowLoopback allows http, and the addresses of this machine, for tests and the local stack
 * @throws Error that names every fault
 */
export function parseReceivers(
  text: string,
  { allowLoopback }: { allowLoopback: boolean },
): ReadonlyMap<string, Receiver> {
  const { receivers } = parseFile(text);
  const faults = receivers.flatMap(({ name, url }) => {
    const isAllowed =
      url.protocol === 'https:' ||
      (allowLoopback && url.protocol === 'http:' && isLoopback(url.hostname));
    return isAllowed ? [] : [`the URL of ${name} must begin with https://`];
  });
  if (faults.length > 0) throw new Error(faults.join('; '));
  return new Map(receivers.map((receiver) => [receiver.name, receiver]));
}

function parseFile(text: string): z.output<typeof fileSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message would quote the text, and with it a secret.
    throw new Error('it is not JSON');
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  );
}
