import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signedHeaders } from './sign.ts';

const body = JSON.stringify({
  type: 'classification.completed',
  data: { fileName: 'Köln 🐞.jpg' },
});
const [first, second, other] = [24, 32, 64].map((count) => randomBytes(count));
const verifierOf = (secret = Buffer.alloc(0)) => new Webhook(`whsec_${secret.toString('base64')}`);
const secrets = [first, second].filter((secret) => secret !== undefined);

test('the public verifier accepts a signature by each of the secrets, and by no other', () => {
  const headers = signedHeaders({ id: 'classification_1', body, now: Date.now() }, secrets);
  for (const secret of secrets)
    expect(verifierOf(secret).verify(body, headers)).toEqual(JSON.parse(body));
  expect(() => verifierOf(other).verify(body, headers)).toThrow('No matching signature');
});

test.each([
  ['body', { body: body.replace('Köln', 'Bonn') }],
  ['id', { id: 'classification_2' }],
])('the public verifier rejects another %s', (_, change) => {
  const signed = { id: 'classification_1', body };
  const headers = signedHeaders({ ...signed, now: Date.now() }, secrets);
  const received = { ...signed, ...change };
  expect(() =>
    verifierOf(first).verify(received.body, { ...headers, 'webhook-id': received.id }),
  ).toThrow('No matching signature');
});

// The example of the specification, https://github.com/standard-webhooks/standard-webhooks.
test('the signature is that of the specification', () => {
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
  expect(
    signedHeaders({ id, body: '{"test": 2432232314}', now: 1614265330_000 }, [secret]),
  ).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});
