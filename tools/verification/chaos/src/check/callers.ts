import type { EventOf } from '../history/event.ts';
import type { Broken } from './check.ts';
import type { Evidence } from './evidence.ts';

/** A gateway reads the file every second, and may be stalled for some seconds more. */
const REVOKED_WITHIN_MS = 10_000;
/** S3 could not be reached, so nothing was shown. */
const UNAVAILABLE = 503;

/** A caller sees its own requests and batches only, and nothing without a key that is valid. */
export function findIntrusions({ probes, revoked, results, images, offers }: Evidence): Broken[] {
  const stored = [...results].flatMap(([requestId, result]): Broken[] => {
    const owner = offers.get(images.get(requestId) ?? '')?.caller;
    if (result === undefined || owner === undefined || result.caller === owner) return [];
    return [[requestId, `is stored for ${result.caller}, and ${owner} has sent it`]];
  });
  const probed = probes.flatMap((probe): Broken[] => {
    const { path, key, owner, via, status } = probe;
    if (isRight(probe, revoked)) return [];
    return [[path, `of ${owner} was answered ${status} by ${via} to ${key ?? 'no key'}`]];
  });
  return [...stored, ...probed];
}

function isRight(
  { caller, key, owner, beganAt, at, status }: EventOf<'probed'>,
  revoked: Evidence['revoked'],
): boolean {
  if (key === null) return status === 401;
  const revokedAt = revoked.get(key) ?? Infinity;
  if (beganAt > revokedAt + REVOKED_WITHIN_MS) return status === 401;
  if (at > revokedAt && status === 401) return true;
  if (status === UNAVAILABLE) return true;
  return caller === owner ? status === 200 : status === 404;
}
