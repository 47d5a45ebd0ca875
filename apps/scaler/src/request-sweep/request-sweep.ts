import type { Queue, QueueSender } from '@labelfleet/aws/queue';
import { tryReadJson, writeJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  decodeImageMetadata,
  encodeReplyMessage,
  encodeRequestMessage,
  encodeRequestSweep,
  REQUEST_SWEEP_KEY,
  requestIdTime,
  resultKey,
  type RequestMessage,
  requestSweepCodec,
  type RequestSweep,
  type StoredResult,
} from '@labelfleet/contracts';
import type { Clock, Logger } from '@labelfleet/runtime';
import { judgeDeadLetter, type DeadLetterVerdict } from '../dead-letters/judge-dead-letter.ts';
import { notify, type Webhooks } from '../dead-letters/notify.ts';
import type { Metrics } from '../metrics.ts';
import {
  beginPass,
  isPassDue,
  keyAt,
  lostUntil,
  NOT_SWEPT,
  readPage,
  requestOfKey,
  takeDepth,
  takePage,
  type SweepTimes,
} from './plan-sweep.ts';
import type { RequestRecords } from '../dead-letters/request-records.ts';
import { tryCall } from '../act/call-failure.ts';

export interface RequestSweepDeps {
  requests: Pick<Queue, 'depth' | 'send'>;
  replies: QueueSender;
  webhooks: Webhooks;
  input: Pick<ObjectStore, 'list' | 'head'>;
  output: Pick<ObjectStore, 'list'>;
  state: Pick<ObjectStore, 'get' | 'put'>;
  records: Pick<RequestRecords, 'result' | 'attempts' | 'storeOnce'>;
  times: SweepTimes;
  /** True if this scaler leads now. */
  leads: () => boolean;
  metrics: Pick<Metrics, 'sweptRequest' | 'callFailed'>;
  log: Logger;
  clock: Pick<Clock, 'unixMs' | 'sleep'>;
}

/** If storing a result takes longer, it fails, and the next pass sends the webhook message again. */
const RESULT_STORED_WITHIN_SECONDS = 120;
const CHECK_EVERY_MS = 10_000;
/** During a pass: at most 100 messages a second, and 2,000 images checked. */
const PAGE_EVERY_MS = 1_000;
const MOST = { listed: 1000, open: 100 };
/** Images without a result that are handled concurrently. */
const CONCURRENT = 10;
/** This many images of half the age must have their results before an image counts as overtaken. */
const OVERTAKING_IMAGES = 10;

type Outcome = DeadLetterVerdict['kind'] | 'image-gone' | 'failed';

/**
 * Finds requests whose message is gone, usually because an operator purged the queue, and sends them again or
 * completes them (P12), until aborted. If it is killed between any two steps, its successor finds what was done and
 * continues.
 */
export async function sweepRequests(deps: RequestSweepDeps, signal: AbortSignal): Promise<void> {
  const { leads, metrics, log, clock } = deps;
  const sweeper = new RequestSweeper(deps);
  let failing = false;
  while (!signal.aborted) {
    const stepped = await tryCall(async () => leads() && (await sweeper.step(signal)));
    if (stepped.kind === 'failed') {
      metrics.callFailed('sweep', 'failed');
      if (!failing)
        log.warn({ event: 'sweep.failed', detail: stepped.detail }, 'request sweep failed');
    }
    failing = stepped.kind === 'failed';
    const goesOn = stepped.kind === 'answered' && stepped.answer;
    await clock.sleep(goesOn ? PAGE_EVERY_MS : CHECK_EVERY_MS, signal);
  }
}

class RequestSweeper {
  readonly #deps: RequestSweepDeps;
  #sweep: RequestSweep | undefined;
  /** The state last written, so that an unchanged state is not written again. */
  #written = '';

  constructor(deps: RequestSweepDeps) {
    this.#deps = deps;
  }

  /** Checks the queue, and handles one page of images during a pass. Resolves with true during a pass. */
  async step(signal: AbortSignal): Promise<boolean> {
    const { requests, times, clock } = this.#deps;
    const before = this.#sweep ?? (await this.#read());
    let sweep = takeDepth(before, await requests.depth(), clock.unixMs());
    if (isPassDue(sweep, clock.unixMs(), times)) {
      const overtaken = sweep.emptySinceMs === null && (await this.#isOvertaken());
      sweep = beginPass(sweep, lostUntil(sweep, overtaken, clock.unixMs(), times), clock.unixMs());
    }
    if (sweep.pass !== null) sweep = await this.#page(sweep, sweep.pass, signal);
    this.#sweep = sweep;
    await this.#write(sweep);
    return sweep.pass !== null;
  }

  async #page(
    sweep: RequestSweep,
    { after, untilMs }: NonNullable<RequestSweep['pass']>,
    signal: AbortSignal,
  ): Promise<RequestSweep> {
    const { input, output, leads, clock } = this.#deps;
    const until = keyAt(untilMs);
    const images = await input.list('', MOST.listed, after);
    const first = images.map(requestOfKey).find((id) => id !== undefined);
    const results =
      first === undefined || first >= until ? [] : await output.list('', MOST.listed, first);
    const page = readPage(images, results, { after, until, most: MOST });
    const outcomes: Outcome[] = [];
    for (let index = 0; index < page.open.length; index += CONCURRENT) {
      // The next leader handles the page again.
      if (signal.aborted || !leads()) return sweep;
      const some = page.open.slice(index, index + CONCURRENT);
      outcomes.push(...(await Promise.all(some.map((key) => this.#handle(key, untilMs)))));
    }
    const completed: Outcome[] = ['complete', 'already-completed', 'image-gone'];
    const handled = {
      sent: outcomes.filter((outcome) => outcome === 'resend').length,
      stillOpen: outcomes.some((outcome) => !completed.includes(outcome)),
    };
    return takePage(sweep, page, handled, clock.unixMs());
  }

  /** Never rejects: the next pass tries an image again if it fails. */
  async #handle(key: string, untilMs: number): Promise<Outcome> {
    const { metrics, log } = this.#deps;
    const requestId = requestOfKey(key) ?? '';
    try {
      const outcome = await this.#resendOrComplete(key, requestId, untilMs);
      metrics.sweptRequest(outcome);
      log.warn(
        { event: 'request.swept', requestId, outcome },
        'request without result and message swept',
      );
      return outcome;
    } catch (error) {
      metrics.sweptRequest('failed');
      log.error({ event: 'request.sweep-failed', requestId, error }, 'request not swept');
      return 'failed';
    }
  }

  async #resendOrComplete(key: string, requestId: string, untilMs: number): Promise<Outcome> {
    const { input, requests, webhooks, records, log, clock } = this.#deps;
    const image = await input.head(key);
    if (image === null) return 'image-gone';
    const { traceparent, ...order } = decodeImageMetadata(image.metadata);
    const request: RequestMessage = {
      v: 1,
      requestId,
      imageKey: key,
      ...order,
      submittedAt: requestIdTime(requestId).toISOString(),
    };
    const attributes = traceparent === undefined ? {} : { traceparent };
    const [result, record] = await Promise.all([
      records.result(requestId),
      records.attempts(requestId),
    ]);
    const verdict = judgeDeadLetter({ request, result, record, imageExists: true }, clock.unixMs());
    if (verdict.kind === 'resend')
      await requests.send({
        body: encodeRequestMessage(verdict.request),
        attributes,
        groupId: requestId,
        // The same if the page is handled again after a crash, and different in the next pass (FIFO).
        deduplicationId: `${requestId}-swept-${untilMs}`,
      });
    if (verdict.kind === 'complete') {
      // Before the result, because no later pass looks at a request that has one.
      await notify(request, webhooks, log, RESULT_STORED_WITHIN_SECONDS);
      await this.#reply(request, await records.storeOnce(verdict.result), attributes);
    }
    return verdict.kind;
  }

  async #reply(
    { replyTo }: RequestMessage,
    result: StoredResult,
    attributes: Readonly<Record<string, string>>,
  ): Promise<void> {
    if (replyTo === undefined) return;
    const body = encodeReplyMessage({ v: 1, result });
    await this.#deps.replies.send(replyTo, { body, attributes });
  }

  /**
   * True if images that came half the age ago or later have their results. The queue delivers messages in roughly
   * the order of their arrival, so an image of the full age without a result was either received, or its message is
   * gone.
   */
  async #isOvertaken(): Promise<boolean> {
    const { input, output, times, clock } = this.#deps;
    const from = keyAt(clock.unixMs() - times.overtakenAfterMs / 2);
    const images = await input.list('', OVERTAKING_IMAGES, from);
    if (images.length < OVERTAKING_IMAGES) return false;
    const completed = new Set(await output.list('', MOST.listed, from));
    return images.map(requestOfKey).every((id) => id !== undefined && completed.has(resultKey(id)));
  }

  async #read(): Promise<RequestSweep> {
    const { state, log } = this.#deps;
    const read = await tryReadJson(state, REQUEST_SWEEP_KEY, requestSweepCodec);
    if (read.kind === 'absent') return NOT_SWEPT;
    if (read.kind === 'decoded') return read.value;
    log.warn(
      { event: 'sweep.malformed', reason: read.reason },
      'sweep restarted because its object is malformed',
    );
    return NOT_SWEPT;
  }

  /** The start of a pass alone is not worth a write: a successor may begin a pass sooner. */
  async #write(sweep: RequestSweep): Promise<void> {
    const news = encodeRequestSweep({ ...sweep, passStartedAtMs: null });
    if (news === this.#written) return;
    await writeJson(this.#deps.state, REQUEST_SWEEP_KEY, sweep, requestSweepCodec);
    this.#written = news;
  }
}
