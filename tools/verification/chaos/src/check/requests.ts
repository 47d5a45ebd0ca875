import { readAnswer } from '../history/read-answer.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

/** Every accepted request has a result, and every offer an answer. */
export function findLost({ accepted, results, offers, answers }: Evidence): Finding[] {
  const lost = new Set(
    [...accepted.map(({ requestId }) => requestId), ...answers.flatMap(acceptedBy)].filter(
      (requestId) => !results.has(requestId),
    ),
  );
  const answered = new Set(
    answers
      .filter(({ status, body }) => isFinal(readAnswer(status, body).kind))
      .map(({ offer }) => offer),
  );
  const finding = (subject: string, what: string): Finding => ({
    rule: 'nothing is lost',
    subject,
    what,
  });
  return [
    ...Array.from(lost, (requestId) => finding(requestId, 'was accepted, and has no result')),
    ...[...offers.keys()]
      .filter((offer) => !answered.has(offer))
      .map((offer) => finding(offer, 'was never answered')),
  ];
}

/** An offer is one request, even when it is sent several times. */
export function findDoubled({ accepted, images, results }: Evidence): Finding[] {
  const requests = new Map<string, Set<string>>();
  const add = (offer: string, requestId: string) =>
    requests.set(offer, (requests.get(offer) ?? new Set()).add(requestId));
  for (const { offer, requestId } of accepted) add(offer, requestId);
  for (const [requestId, offer] of images) if (results.has(requestId)) add(offer, requestId);
  return [...requests]
    .filter(([, ids]) => ids.size > 1)
    .map(([offer, ids]) => ({
      rule: 'nothing is doubled',
      subject: offer,
      what: `became ${ids.size} requests: ${[...ids].join(', ')}`,
    }));
}

/** Every result belongs to a request that a caller knows of and whose image is stored. */
export function findUnasked({ accepted, answers, images, results, offers }: Evidence): Finding[] {
  const known = new Set([
    ...accepted.map(({ requestId }) => requestId),
    ...answers.flatMap((answer) => [...acceptedBy(answer), ...failedBy(answer)]),
  ]);
  const whyUnasked = (requestId: string, text: unknown): string | undefined => {
    const offer = images.get(requestId);
    if (text === undefined) return 'the stored object is not a result';
    if (offer === undefined) return 'has a result but no image';
    if (!offers.has(offer)) return `has a result for ${offer}, which was never sent`;
    return known.has(requestId)
      ? undefined
      : 'has a result, but no answer or log line names the request';
  };
  return [...results].flatMap(([requestId, result]): Finding[] => {
    const what = whyUnasked(requestId, result);
    if (what === undefined) return [];
    return [{ rule: 'no result without a request', subject: requestId, what }];
  });
}

/** The request that an answer says was accepted. */
function acceptedBy({ status, body }: Evidence['answers'][number]): string[] {
  const answer = readAnswer(status, body);
  if (answer.kind === 'queued') return [answer.requestId];
  return answer.kind === 'completed' ? [answer.result.id] : [];
}

/** The request that an answer says has failed, or was refused. */
function failedBy({ status, body }: Evidence['answers'][number]): string[] {
  const answer = readAnswer(status, body);
  return answer.kind === 'problem' ? [answer.problem.requestId] : [];
}

const isFinal = (kind: ReturnType<typeof readAnswer>['kind']) =>
  kind === 'completed' || kind === 'problem';
