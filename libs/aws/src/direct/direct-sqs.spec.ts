import { expect, test } from 'vitest';
import { AwsCallError, isTransient } from '../errors.ts';
import { connectSqs } from '../queue/connect-sqs.ts';
import { startStubService, type StubAnswer, type StubCall } from '../testing/stub-service.ts';

const accepted: StubAnswer = { body: '{"Successful":[{"Id":"0","MessageId":"1"}],"Failed":[]}' };
const error = (status: number, code: string): StubAnswer => ({
  status,
  body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: 'no' }),
});
const NO_RESPONSE: StubAnswer = { body: '', breakConnection: 'no-response' };
const isDirect = ({ headers }: StubCall) => headers['user-agent'] === 'labelfleet';

/** A queue on a stub of SQS whose next call is direct and gets `answer`, and the calls that were made after the first. */
async function startQueue(answer: StubAnswer) {
  const service = await startStubService((call) => (isDirect(call) ? answer : accepted));
  const sqs = connectSqs(service.connection);
  const queue = sqs.queue('https://sqs.us-east-1.amazonaws.com/000000000000/requests');
  await queue.send({ body: 'first' });
  await queue.ack('first');
  return {
    queue,
    callers: () => service.calls.slice(2).map((call) => (isDirect(call) ? 'direct' : 'SDK')),
    async [Symbol.asyncDispose]() {
      sqs.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

test.each<[string, StubAnswer, string[]]>([
  ['is accepted', accepted, ['direct']],
  ['is refused, so it had no effect', error(400, 'RequestThrottled'), ['direct', 'SDK']],
  ['is denied', error(403, 'AccessDenied'), ['direct', 'SDK']],
])('a direct send that %s', async (_, answer, callers) => {
  await using stub = await startQueue(answer);
  expect(await stub.queue.send({ body: 'x' })).toBe('sent');
  expect(stub.callers()).toEqual(callers);
});

test.each<[string, StubAnswer, string]>([
  ['loses its connection', NO_RESPONSE, 'ECONNRESET'],
  ['fails', error(503, 'ServiceUnavailable'), 'ServiceUnavailable'],
  ['is answered by a proxy', { body: '<html>' }, 'UnreadableAnswer'],
])(
  'a direct send that %s may have taken effect, so it is not sent again (P7)',
  async (_, answer, code) => {
    await using stub = await startQueue(answer);
    const failure: unknown = await stub.queue
      .send({ body: 'x' })
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(AwsCallError);
    expect(failure).toMatchObject({ operation: 'SendMessageBatch', code });
    expect(isTransient(failure)).toBe(code !== 'UnreadableAnswer');
    expect(stub.callers()).toEqual(['direct']);
  },
);

test.each<[string, StubAnswer]>([
  ['loses its connection', NO_RESPONSE],
  ['fails', error(503, 'ServiceUnavailable')],
  ['is answered by a proxy', { body: '<html>' }],
])('a direct deletion that %s is made again by the SDK', async (_, answer) => {
  await using stub = await startQueue(answer);
  expect(await stub.queue.ack('receipt')).toBe('done');
  expect(stub.callers()).toEqual(['direct', 'SDK']);
});
