import { readAnswer } from '../history/read-answer.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

/** Every accepted request has its result, and every offer its answer. */
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
    promised: 'nothing is lost',
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

/** An offer, however often it is made, is one request. */
export function findDoubled({ accepted, images, results }: Evidence): Finding[] {
  const requests = new Map<string, Set<string>>();
  const add = (offer: string, requestId: string) =>
    requests.set(offer, (requests.get(offer) ?? new Set()).add(requestId));
  for (const { offer, requestId } of accepted) add(offer, requestId);
  for (const [requestId, offer] of images) if (results.has(requestId)) add(offer, requestId);
  return [...requests]
    .filter(([, ids]) => ids.size > 1)
    .map(([offer, ids]) => ({
      promised: 'nothing is doubled',
      subject: offer,
      what: `became ${ids.size} requests: ${[...ids].join(', ')}`,
    }));
}

/** Every result is of a request that somebody was told of, and whose image was stored. */
export function findUnasked({ accepted, answers, images, results, offers }: Evidence): Finding[] {
  const known = new Set([
    ...accepted.map(({ requestId }) => requestId),
    ...answers.flatMap((answer) => [...acceptedBy(answer), ...failedBy(answer)]),
  ]);
  const whyUnasked = (requestId: string, text: unknown): string | undefined => {
    const offer = images.get(requestId);
    if (text === undefined) return 'what lies there is no result';
    if (offer === undefined) return 'there is a result, and no image';
    if (!offers.has(offer)) return `there is a result for ${offer}, which nobody offered`;
    return known.has(requestId) ? undefined : 'there is a result, and nobody was told of it';
  };
  return [...results].flatMap(([requestId, result]): Finding[] => {
    const what = whyUnasked(requestId, result);
    if (what === undefined) return [];
    return [{ promised: 'no result without a request', subject: requestId, what }];
  });
}

/** The request that an answer says was accepted. */
function acceptedBy({ status, body }: Evidence['answers'][number]): string[] {
  const told = readAnswer(status, body);
  if (told.kind === 'queued') return [told.requestId];
  return told.kind === 'settled' ? [told.result.id] : [];
}

/** The request that an answer says has failed, or was refused. */
function failedBy({ status, body }: Evidence['answers'][number]): string[] {
  const told = readAnswer(status, body);
  return told.kind === 'problem' ? [told.problem.requestId] : [];
}

const isFinal = (kind: ReturnType<typeof readAnswer>['kind']) =>
  kind === 'settled' || kind === 'problem';
