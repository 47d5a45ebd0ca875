import type { Broken } from './check.ts';
import { isFinal, type Answered, type Evidence } from './evidence.ts';

/** Every accepted request has a result, and every offer an answer. */
export function findLost({ accepted, results, offers, answers }: Evidence): Broken[] {
  const known = [...accepted.map(({ requestId }) => requestId), ...answers.flatMap(acceptedBy)];
  const lost = [...new Set(known)].filter((requestId) => !results.has(requestId));
  const answered = new Set(answers.filter(isFinal).map(({ offer }) => offer));
  const unanswered = [...offers.keys()].filter((offer) => !answered.has(offer));
  return [
    ...lost.map((requestId): Broken => [requestId, 'was accepted, and has no result']),
    ...unanswered.map((offer): Broken => [offer, 'was never answered']),
  ];
}

/** An offer is one request, even when it is sent several times. */
export function findDoubled({ accepted, answers, images, results }: Evidence): Broken[] {
  const requests = new Map<string, Set<string>>();
  const add = (offer: string, requestId: string) =>
    requests.set(offer, (requests.get(offer) ?? new Set()).add(requestId));
  for (const { offer, requestId } of accepted) add(offer, requestId);
  for (const answered of answers)
    for (const requestId of acceptedBy(answered)) add(answered.offer, requestId);
  for (const [requestId, offer] of images) if (results.has(requestId)) add(offer, requestId);
  return [...requests]
    .filter(([, ids]) => ids.size > 1)
    .map(([offer, ids]) => [offer, `became ${ids.size} requests: ${[...ids].join(', ')}`]);
}

/** Every result belongs to a request that a caller knows of and whose image is stored. */
export function findUnasked({ accepted, answers, images, results, offers }: Evidence): Broken[] {
  const known = new Set([
    ...accepted.map(({ requestId }) => requestId),
    ...answers.flatMap((answered) => [...acceptedBy(answered), ...failedBy(answered)]),
  ]);
  const whyUnasked = (requestId: string, result: unknown): string | undefined => {
    const offer = images.get(requestId);
    if (result === undefined) return 'the stored object is not a result';
    if (offer === undefined) return 'has a result but no image';
    if (!offers.has(offer)) return `has a result for ${offer}, which was never sent`;
    if (known.has(requestId)) return undefined;
    return 'has a result, but no answer or log line names the request';
  };
  return [...results].flatMap(([requestId, result]): Broken[] => {
    const what = whyUnasked(requestId, result);
    return what === undefined ? [] : [[requestId, what]];
  });
}

/** The request that an answer says was accepted. */
function acceptedBy({ answer }: Answered): string[] {
  if (answer.kind === 'queued') return [answer.requestId];
  return answer.kind === 'completed' ? [answer.result.id] : [];
}

/** The request that an answer says has failed, or was refused. */
const failedBy = ({ answer }: Answered): string[] =>
  answer.kind === 'problem' ? [answer.problem.requestId] : [];
