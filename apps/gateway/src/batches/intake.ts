import { makeRequestId, type RequestOptions } from '@labelfleet/contracts';
import { createHash } from 'node:crypto';
import type { AcceptScope } from '../accept/accept-once.ts';
import { acceptRequest, type AcceptDeps } from '../accept/accept-request.ts';
import type { IdempotencyKey } from '../accept/idempotency/idempotency-records.ts';
import { refuse, type Refusal } from '../http/problem.ts';
import type { Metrics } from '../metrics.ts';
import { refuseExpired } from '../replies/enforce-deadline.ts';
import { FollowedRequests } from '../replies/followed-requests.ts';
import { shownFileName } from '../upload/file-name.ts';
import { imageTooLarge, judgeFile, type Upload } from '../upload/judge-file.ts';
import { failsAlone, problemOf, type ArrivedItem } from './batch-items.ts';
import { imageClaimKey } from './claim-batch.ts';

export interface IntakeDeps extends AcceptDeps {
  metrics: AcceptDeps['metrics'] & Pick<Metrics, 'uploads'>;
  limits: { maxImageBytes: number };
  randomBytes: (count: number) => Uint8Array;
}

export interface NewBatch {
  batchId: string;
  options: RequestOptions;
  idempotencyKey: IdempotencyKey | undefined;
  /** All images of the batch continue this trace. */
  traceparent: string;
  /** Called for each image that is accepted for the first time. */
  onAccepted: () => void;
}

/** A file of a batch, complete. */
export interface ArrivedFile {
  index: number;
  /** The name of its form field. */
  field?: string | undefined;
  customId?: string | undefined;
  fileName: string | undefined;
  encoding?: string;
  bytes: Uint8Array | 'too-large';
}

/** Accepts the images of one batch as they arrive, and follows their requests. */
export class Intake implements Disposable {
  readonly #deps: IntakeDeps;
  readonly #batch: NewBatch;
  readonly #scope: AcceptScope;
  readonly #items: ArrivedItem[] = [];
  readonly followed = new FollowedRequests();

  constructor(deps: IntakeDeps, batch: NewBatch, scope: AcceptScope) {
    this.#deps = deps;
    this.#batch = batch;
    this.#scope = scope;
  }

  get items(): readonly ArrivedItem[] {
    return this.#items;
  }

  /** Stores and queues one image. @returns why the whole batch is refused */
  async accept(file: ArrivedFile): Promise<Refusal | undefined> {
    const { options, idempotencyKey } = this.#batch;
    const { maxImageBytes } = this.#deps.limits;
    const { bytes, customId, field } = file;
    const image =
      bytes === 'too-large'
        ? imageTooLarge(maxImageBytes)
        : judgeFile({ ...file, bytes }, maxImageBytes);
    const sha256 = idempotencyKey && digestOf(bytes);
    const named = {
      ...(customId !== undefined && { customId }),
      ...(field !== undefined && { field }),
      ...(sha256 !== undefined && { sha256 }),
    };
    if (image.kind === 'refused') return this.refuse(file, image, named);
    const expired =
      options.deadlineAt === undefined
        ? undefined
        : refuseExpired(this.#deps, new Date(options.deadlineAt));
    if (expired !== undefined) return this.refuse(file, expired, named);
    const imageKey = idempotencyKey && imageClaimKey(idempotencyKey, file.index);
    const { requestId, outcome } = await this.#send(image, imageKey);
    const { metrics } = this.#deps;
    switch (outcome.kind) {
      case 'refused':
        return this.refuse(file, outcome, named);
      case 'disconnected':
        return refuse('missing-image', 'The connection closed. Send the batch again.');
      case 'completed':
        metrics.uploads.inc({ outcome: 'replayed' });
        this.followed.add(outcome.result);
        break;
      case 'accepted':
        metrics.uploads.inc({ outcome: 'accepted' });
        if (!outcome.repeats) this.#batch.onAccepted();
        this.followed.follow(requestId, outcome.waiter);
    }
    const { fileName } = outcome.kind === 'completed' ? outcome.result : outcome.options;
    this.#items[file.index] = { ...named, ...(fileName !== undefined && { fileName }), requestId };
    return undefined;
  }

  /** Records that an image was refused. @returns the refusal if it is of the whole batch */
  refuse(
    { index, fileName }: Pick<ArrivedFile, 'index' | 'fileName'>,
    refusal: Refusal,
    named: Pick<ArrivedItem, 'customId' | 'field' | 'sha256'> = {},
  ): Refusal | undefined {
    if (!failsAlone(refusal)) return refusal;
    this.#deps.metrics.uploads.inc({ outcome: refusal.code });
    const shown = shownFileName(fileName);
    this.#items[index] = {
      ...named,
      ...(shown !== undefined && { fileName: shown }),
      problem: problemOf(refusal, this.#batch.batchId),
    };
    return undefined;
  }

  /** Adds a request that was accepted before. */
  gathered({
    index,
    requestId,
    fileName,
  }: {
    index: number;
    requestId: string;
    fileName: string | undefined;
  }): void {
    this.#items[index] = { requestId, ...(fileName !== undefined && { fileName }) };
  }

  [Symbol.dispose](): void {
    this.followed[Symbol.dispose]();
  }

  #send(image: Upload, imageKey: IdempotencyKey | undefined) {
    const { unixMs, randomBytes } = this.#deps;
    const { batchId, options, traceparent } = this.#batch;
    const { fileName } = image;
    const requestId = makeRequestId(unixMs(), randomBytes(10));
    return acceptRequest(
      this.#deps,
      {
        requestId,
        image,
        options: { ...options, batchId, ...(fileName !== undefined && { fileName }) },
        traceparent,
      },
      imageKey,
      { ...this.#scope, log: this.#scope.logFor(requestId) },
    );
  }
}

export const digestOf = (bytes: ArrivedFile['bytes']): string | undefined =>
  bytes === 'too-large' ? undefined : createHash('sha256').update(bytes).digest('hex');
