import type { QueuedImage, ImageStore } from '../accept/image-store.ts';
import { maySee, ownerOf } from '../http/may-see.ts';
import { refuse, type Refusal } from '../http/problem.ts';
import type { StoredResult } from '@labelfleet/contracts';
import { REPLY_EXPECTED_ELSEWHERE, type PendingReplies } from '../replies/pending-replies.ts';
import type { ResultStore } from '../replies/result-store.ts';
import type { Intake } from './intake.ts';

export interface GatherDeps {
  results: Pick<ResultStore, 'findMany'>;
  images: Pick<ImageStore, 'find'>;
  pending: Pick<PendingReplies, 'register'>;
}

const CONCURRENT_READS = 16;

/** Makes a batch of requests that were accepted before. @returns the refusal of an unknown one */
export async function gather(
  { results, images, pending }: GatherDeps,
  intake: Intake,
  requestIds: readonly string[],
  caller: string | undefined,
): Promise<Refusal | undefined> {
  for (const id of requestIds)
    intake.followed.follow(id, pending.register(id, REPLY_EXPECTED_ELSEWHERE));
  const states = new Map<string, StoredResult | QueuedImage>();
  for (const result of await results.findMany(requestIds)) {
    states.set(result.id, result);
    intake.followed.add(result);
  }
  const left = requestIds.filter((id) => !states.has(id)).values();
  const readRest = async () => {
    for (const id of left) {
      const image = await images.find(id);
      if (image !== undefined) states.set(id, image);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_READS }, readRest));
  for (const [index, id] of requestIds.entries()) {
    const state = states.get(id);
    if (state === undefined || !maySee(caller, ownerOf(state)))
      return refuse('not-found', `No classification has the id ${id}.`);
    const { fileName } = 'status' in state ? state : state.options;
    intake.gathered({ index, requestId: id, fileName });
  }
  return undefined;
}
