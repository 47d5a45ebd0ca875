import { createHmac } from 'node:crypto';

/** The headers of a webhook by Standard Webhooks 1.0, with a signature by each secret. */
export function signedHeaders(
  { id, body, now }: { id: string; body: string; now: number },
  secrets: readonly Buffer[],
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`);
    return `v1,${hmac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
