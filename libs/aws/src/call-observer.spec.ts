import { expect, test } from 'vitest';
import type { EndedCall } from './call-observer.ts';
import { connectSqs } from './queue/connect-sqs.ts';
import { connectS3 } from './store/connect-s3.ts';
import { startStubService, type StubAnswer, type StubCall } from './testing/stub-service.ts';

const isDirect = ({ headers }: StubCall) => headers['user-agent'] === 'labelfleet';
const never = () => new Promise<never>(() => {});
const NO_RESPONSE: StubAnswer = { body: '', breakConnection: 'no-response' };
const json = { contentType: 'application/json' };

/** Connections to a stub whose later calls get `answer`, and what they report to their observer. */
async function startObserved(answer: (call: StubCall) => StubAnswer | Promise<StubAnswer>) {
  const calls: string[] = [];
  const observer = {
    ended: ({ operation, outcome }: EndedCall) => void calls.push(`${operation} ${outcome}`),
    batched: () => undefined,
  };
  let isFirst = true;
  const accepted = '{"Successful":[{"Id":"0","MessageId":"1"}],"Failed":[]}';
  const first = { headers: { etag: '"1"' }, body: accepted };
  const service = await startStubService((call) => {
    const given = isFirst ? first : answer(call);
    isFirst = false;
    return given;
  });
  const connection = { ...service.connection, callLimitMs: 200, observer };
  const [sqs, s3] = [connectSqs(connection), connectS3(connection)];
  const sdkOnlyS3 = connectS3({ ...connection, sdkOnly: true });
  return {
    calls,
    store: s3.store('bucket'),
    sdkOnlyStore: sdkOnlyS3.store('bucket'),
    queue: sqs.queue('https://sqs.us-east-1.amazonaws.com/000000000000/requests'),
    async [Symbol.asyncDispose]() {
      sqs.close();
      s3.close();
      sdkOnlyS3.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

test('a direct call that the SDK makes again is no failure', async () => {
  await using aws = await startObserved((call) =>
    isDirect(call) ? NO_RESPONSE : { headers: { etag: '"1"' }, body: '' },
  );
  await aws.store.put('key', '1', json);
  await aws.store.put('key', '2', json);
  expect(aws.calls).toEqual(['PutObject done', 'PutObject repeated', 'PutObject done']);
});

test('a direct send that nothing makes again is a failure', async () => {
  await using aws = await startObserved(() => ({ body: '<html>' }));
  await aws.queue.send({ body: '1' });
  await expect(aws.queue.send({ body: '2' })).rejects.toThrow('UnreadableAnswer');
  expect(aws.calls).toEqual(['SendMessageBatch done', 'SendMessageBatch failed']);
});

test.each(['store', 'sdkOnlyStore'] as const)(
  'a call that reaches the time limit is one failure (%s)',
  async (name) => {
    await using aws = await startObserved(never);
    await aws[name].put('key', '1', json);
    await expect(aws[name].put('key', '2', json)).rejects.toThrow('no answer within 200 ms');
    await expect.poll(() => aws.calls).toEqual(['PutObject done', 'PutObject failed']);
  },
);

test('an aborted receive is no failure, and is not made again', async () => {
  const cut = new AbortController();
  const receiving = { maxMessages: 1, waitSeconds: 1, visibilityTimeoutSeconds: 30 };
  await using aws = await startObserved(() => (cut.abort(new Error('stop')), never()));
  await aws.queue.receive(receiving);
  await expect(aws.queue.receive(receiving, cut.signal)).rejects.toThrow('stop');
  expect(aws.calls).toEqual(['ReceiveMessage done', 'ReceiveMessage aborted']);
});
