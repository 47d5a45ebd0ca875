import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readJson } from '@labelfleet/aws/store';
import { startTestCloud } from '@labelfleet/aws/testing';
import {
  decodeReplyMessage,
  encodeRequestMessage,
  makeRequestId,
  resultKey,
  storedResultCodec,
  WORKER_TAGS,
  type RequestMessage,
  type StoredResult,
} from '@labelfleet/contracts';
import { workerVariables, type StackResources } from '@labelfleet/local-stack/app-environments';
import { dotenv } from '@labelfleet/local-stack/dotenv';
import {
  provisionStorage,
  provisionWorkers,
  WORKER_IMAGE,
} from '@labelfleet/local-stack/provision';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { drawImages } from '@labelfleet/testkit/images';
import { holdsWithin, until } from '@labelfleet/testkit/until';
import { workerPid } from '@labelfleet/testkit/worker-processes';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Each step takes a second or two, but much longer on a busy machine. */
const TIMEOUT = { timeoutMs: 120_000 };

export type Bench = Awaited<ReturnType<typeof openBench>>;

/** A local cloud with queues and buckets, whose instances run this command. */
export async function openBench(command: readonly string[]) {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  opened.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const dataDir = join(folder, 'cloud');
  const cloud = opened.use(
    await startTestCloud({ images: { [WORKER_IMAGE]: { command } }, dataDir }),
  );
  const { connection, endpoint, sqs, ec2 } = cloud;
  const storage = await provisionStorage(connection);
  const around: StackResources = { dataDir, region: connection.region, endpoint, ...storage };
  const replyTo = await cloud.createQueue('replies');
  const settings = { POLL_SECONDS: '1', VISIBILITY_TIMEOUT_SECONDS: '6' };
  const userData = dotenv(workerVariables(settings, around, undefined));
  const launchTemplate = await provisionWorkers(connection, userData);
  const faults = new FaultsClient(endpoint);
  const requests = sqs.queue(around.requestQueueUrl);
  const s3 = new S3Client({ ...connection, forcePathStyle: true });
  opened.defer(() => s3.destroy());
  const [imageFile = ''] = await drawImages(join(folder, 'images'), 1);
  const ending = opened.move();

  async function isNothingLeft(): Promise<boolean> {
    const { visible, inFlight, delayed } = await requests.depth();
    return visible + inFlight + delayed === 0;
  }

  async function receiveReplies(): Promise<StoredResult[]> {
    const options = { maxMessages: 10, waitSeconds: 1, visibilityTimeoutSeconds: 600 };
    const messages = await sqs.queue(replyTo).receive(options);
    return messages.flatMap(({ body }) => {
      const decoded = decodeReplyMessage(body);
      return decoded.kind === 'decoded' ? [decoded.value.result] : [];
    });
  }

  return {
    cloud,
    around,
    launchTemplate,
    faults,
    /** Holds the next call of this caller, before or after its effect, until `release`. */
    async hold(id: string, caller: string, when: 'before' | 'after', action: string, match = {}) {
      const fault = { id, kind: 'hold', when, action: [action], match: { ...match, caller } };
      await faults.set({ ...fault, count: 1, seconds: 600 });
      const isHeld = async () => (await faults.held(id)).length > 0;
      return {
        reached: () => until(`${id} is reached`, isHeld, TIMEOUT),
        /** Resolves when its caller has died; a call that was held before its effect then has none. */
        lost: () => until(`${id} is lost`, async () => !(await isHeld()), TIMEOUT),
        release: () => faults.clear(id),
      };
    },
    /** Launches a worker. @returns its id after its first heartbeat */
    async launchWorker(): Promise<string> {
      const outcome = await ec2.fleet.launch({
        clientToken: randomUUID(),
        count: 1,
        market: 'on-demand',
        launchTemplateId: launchTemplate,
        launchTemplateVersion: '1',
        tags: { [WORKER_TAGS.fleet]: 'labelfleet' },
      });
      const id = outcome.kind === 'launched' ? outcome.instances[0]?.instanceId : undefined;
      if (id === undefined) throw new Error(`no worker was launched: ${outcome.kind}`);
      const events = sqs.queue(around.fleetEventQueueUrl);
      const reported = async () => {
        const options = { maxMessages: 10, waitSeconds: 1, visibilityTimeoutSeconds: 1 };
        return (await events.receive(options)).some(({ body }) => body.includes(id));
      };
      await until(`${id} has reported`, reported, TIMEOUT);
      return id;
    },
    /** SIGKILL, like the loss of its host. */
    async killWorker(id: string): Promise<void> {
      const pid = await workerPid(dataDir, id);
      if (pid === undefined) throw new Error(`${id} has no process`);
      process.kill(pid, 'SIGKILL');
    },
    async submit(more: Pick<RequestMessage, 'resent' | 'notify'> = {}): Promise<RequestMessage> {
      const requestId = makeRequestId(Date.now(), randomBytes(10));
      const imageKey = `${requestId}/image`;
      const image = await readFile(imageFile);
      await cloud.s3.store(around.inputBucket).put(imageKey, image, { contentType: 'image/jpeg' });
      const submittedAt = new Date().toISOString();
      const fields = { v: 1, requestId, imageKey, topK: 1, replyTo, submittedAt } as const;
      const request: RequestMessage = { ...fields, ...more };
      await requests.send({ body: encodeRequestMessage(request) });
      return request;
    },
    async sendAgain(request: RequestMessage): Promise<void> {
      await requests.send({ body: encodeRequestMessage({ ...request, resent: true }) });
    },
    async removeImage({ imageKey }: RequestMessage): Promise<void> {
      await s3.send(new DeleteObjectCommand({ Bucket: around.inputBucket, Key: imageKey }));
    },
    untilNothingIsLeft: () => until('no request is on the queue', isNothingLeft, TIMEOUT),
    isNothingLeftWithin: (timeoutMs: number) => holdsWithin(timeoutMs, isNothingLeft),
    /** Whether workers receive all requests within this time. */
    isAllReceivedWithin: (timeoutMs: number) =>
      holdsWithin(timeoutMs, async () => (await requests.depth()).visible === 0),
    async stored({ requestId }: RequestMessage): Promise<StoredResult | undefined> {
      const store = cloud.s3.store(around.outputBucket);
      return (await readJson(store, resultKey(requestId), storedResultCodec))?.value;
    },
    async webhookMessages(): Promise<number> {
      const { visible, inFlight, delayed } = await sqs.queue(around.webhookQueueUrl).depth();
      return visible + inFlight + delayed;
    },
    /** The ids of the requests that have a reply. The replies are not deleted. */
    async repliedIds(): Promise<Set<string>> {
      const ids = new Set<string>();
      for (;;) {
        const received = await receiveReplies();
        if (received.length === 0) return ids;
        for (const { id } of received) ids.add(id);
      }
    },
    /** Receives this many replies, in any order. */
    async replies(count: number): Promise<StoredResult[]> {
      const replies: StoredResult[] = [];
      const received = async () => {
        replies.push(...(await receiveReplies()));
        return replies.length >= count;
      };
      await until(`${count} replies have come`, received, TIMEOUT);
      return replies;
    },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
}
