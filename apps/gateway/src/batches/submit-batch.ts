import {
  MAX_BATCH_IMAGES,
  type BatchItem,
  type RequestOptions,
  type StoredBatch,
} from '@labelfleet/contracts';
import { REUSED, type AcceptScope } from '../accept/accept-once.ts';
import { fetchImage, type FetchImageDeps } from '../accept/fetch-image.ts';
import type { IdempotencyKey } from '../accept/idempotency/idempotency-records.ts';
import { refuse, type Refusal } from '../http/problem.ts';
import type { FollowedRequests } from '../replies/followed-requests.ts';
import type { ByteBudget, ByteShare } from '../upload/byte-budget.ts';
import { readBatchForm } from '../upload/read-batch-form.ts';
import { isJson, readJson } from '../upload/read-json.ts';
import { isForm, type UploadRequest } from '../upload/read-upload.ts';
import type { Disconnected } from '../upload/receive-body.ts';
import { refuseCoding } from '../upload/refuse-coding.ts';
import type { Outbox } from '../webhooks/outbox.ts';
import { nameByField, sameItems } from './batch-items.ts';
import { batchListSchema, refuseList, type BatchList } from './batch-list.ts';
import type { BatchStore } from './batch-store.ts';
import { claimBatch } from './claim-batch.ts';
import { followRequests, requestIdsOf, type FollowDeps } from './follow-batch.ts';
import { gather, type GatherDeps } from './gather.ts';
import { digestOf, Intake, type IntakeDeps } from './intake.ts';

export interface SubmitBatchDeps extends IntakeDeps, FetchImageDeps {
  batches: Pick<BatchStore, 'find' | 'storeOnce'>;
  budget: Pick<ByteBudget, 'open'>;
  outbox: Outbox;
  images: IntakeDeps['images'] & GatherDeps['images'];
  results: IntakeDeps['results'] & FollowDeps['results'];
  limits: { maxImageBytes: number };
}

/** A request for a batch, before its images are read. */
export interface BatchRequest {
  upload: UploadRequest;
  /** Of the batch, unless an earlier request had its idempotency key. */
  batchId: string;
  options: RequestOptions;
  idempotencyKey: IdempotencyKey | undefined;
  /** Called before new images are read or fetched. @returns why none can be classified in time */
  refuseImages: () => Promise<Refusal | undefined>;
  /** Called for each image that is accepted for the first time. */
  onAccepted: () => void;
  traceparent: string;
}

export interface SubmittedBatch {
  kind: 'submitted';
  batch: StoredBatch;
  /** The caller disposes it. */
  followed: FollowedRequests;
  options: RequestOptions;
  isRepeat: boolean;
}

export type BatchOutcome = SubmittedBatch | Refusal | Disconnected;

/** How many objects are fetched at the same time. */
const CONCURRENT_FETCHES = 4;

const neither = refuse(
  'unsupported-media-type',
  'A batch is a multipart/form-data form with images, or an application/json list.',
);

/**
 * Reads a batch and accepts its images one by one. The batch is stored when the last has arrived. With an idempotency
 * key, a repeat leads to the same batch and the same requests, even if the first one broke off (P10).
 */
export async function submitBatch(
  deps: SubmitBatchDeps,
  request: BatchRequest,
  scope: AcceptScope,
): Promise<BatchOutcome> {
  const { upload, idempotencyKey } = request;
  const coding = refuseCoding(upload);
  if (coding !== undefined) return coding;
  using share = deps.budget.open();
  const read = isJson(upload.contentType)
    ? await readJson(upload, batchListSchema, share)
    : isForm(upload.contentType)
      ? undefined
      : neither;
  if (read !== undefined && read.kind !== 'json') return read;
  const list = read?.value;
  const addsImages = list === undefined || 'images' in list;
  // Before the key is claimed: the claim keeps its first deadline.
  const refused =
    (list && refuseList(list, request.options)) ??
    (addsImages ? await request.refuseImages() : undefined);
  if (refused !== undefined) return refused;
  const claimed = idempotencyKey && (await claimBatch(deps, idempotencyKey, { ...request, list }));
  if (claimed?.kind === 'refused') return claimed;
  const { batchId, options, isRepeat } = { isRepeat: false, ...request, ...claimed };
  if (claimed?.stored !== undefined) {
    const batch = claimed.stored;
    const other = list === undefined ? await compareForm(deps, upload, batch, share) : undefined;
    if (other !== undefined) return other;
    await notifyIfEmpty(deps, batch);
    const followed = await followRequests(deps, requestIdsOf(batch));
    return { kind: 'submitted', batch, followed, options, isRepeat };
  }
  using cleanup = new DisposableStack();
  const intake = cleanup.use(new Intake(deps, { ...request, batchId, options }, scope));
  const faulty = await takeAll(deps, intake, { upload, list, options, share });
  if (faulty !== undefined) return faulty;
  const { caller, notify } = options;
  const items = nameByField(intake.items);
  const batch = await deps.batches.storeOnce({
    v: 1,
    id: batchId,
    ...(caller !== undefined && { caller }),
    ...(notify !== undefined && { notify }),
    items,
  });
  // Two requests with the same key may have sent different numbers of images.
  if (!sameItems(batch.items, items)) return REUSED;
  await notifyIfEmpty(deps, batch);
  cleanup.move();
  return { kind: 'submitted', batch, followed: intake.followed, options, isRepeat };
}

/**
 * Sends the webhook message of a batch without requests, which no worker will send. Where that fails, the caller gets
 * an error and repeats the batch; so a repeat sends it again.
 */
async function notifyIfEmpty(
  { outbox }: Pick<SubmitBatchDeps, 'outbox'>,
  batch: StoredBatch,
): Promise<void> {
  const { id, notify } = batch;
  if (requestIdsOf(batch).length === 0) await outbox.send({ notify, batchId: id, requestId: id });
}

interface Arriving {
  upload: UploadRequest;
  list: BatchList | undefined;
  options: RequestOptions;
  share: ByteShare;
}

/** @returns why there is no batch */
async function takeAll(
  deps: SubmitBatchDeps,
  intake: Intake,
  { upload, list, options, share }: Arriving,
): Promise<Refusal | Disconnected | undefined> {
  if (list === undefined) {
    const read = await readBatchForm(upload, limitsOf(deps), share, (file) => intake.accept(file));
    return read.kind === 'files' ? undefined : read;
  }
  if ('images' in list) return fetchAll(deps, intake, list.images);
  return gather(deps, intake, list.classifications, options.caller);
}

const limitsOf = ({ limits: { maxImageBytes } }: Pick<SubmitBatchDeps, 'limits'>) => ({
  maxImageBytes,
  maxImages: MAX_BATCH_IMAGES,
});

async function fetchAll(
  deps: SubmitBatchDeps,
  intake: Intake,
  images: Extract<BatchList, { images: unknown }>['images'],
): Promise<Refusal | undefined> {
  let refusal: Refusal | undefined;
  const left = images.entries();
  const fetchRest = async () => {
    for (const [index, listed] of left) {
      if (refusal !== undefined) return;
      const { image, customId } = typeof listed === 'string' ? { image: listed } : listed;
      using share = deps.budget.open();
      // The gateway fetches, so the pace does not count.
      share.complete();
      const file = await fetchImage(deps, image, share);
      const named = { index, fileName: image, ...(customId !== undefined && { customId }) };
      const refused =
        file.kind === 'refused'
          ? intake.refuse(named, file, { customId })
          : await intake.accept({ ...file, ...named });
      refusal ??= refused;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_FETCHES }, fetchRest));
  return refusal;
}

/** Compares the files of a repeated form with those of the stored batch. @returns why it is no repeat */
async function compareForm(
  deps: SubmitBatchDeps,
  upload: UploadRequest,
  { items }: StoredBatch,
  share: ByteShare,
): Promise<Refusal | Disconnected | undefined> {
  let files = 0;
  const isSame = (item: BatchItem | undefined, sha256: string | undefined) =>
    item !== undefined && item.sha256 === sha256;
  const read = await readBatchForm(upload, limitsOf(deps), share, async ({ index, bytes }) => {
    files += 1;
    return isSame(items[index], digestOf(bytes)) ? undefined : REUSED;
  });
  if (read.kind !== 'files') return read;
  return files === items.length ? undefined : REUSED;
}
