import type { Context } from 'hono';
import { refusalResponse, refuse, type Refusal } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import type { Metrics } from '../metrics.ts';

type UploadMetrics = Pick<Metrics, 'uploads'>;

/** Refuses what was sent; the reason is counted, and in the line of the request in the log. */
export function refuseUpload(
  { uploads }: UploadMetrics,
  c: Context<GatewayEnv>,
  refusal: Refusal,
): Response {
  uploads.inc({ outcome: refusal.code });
  c.var.access.problem = refusal.code;
  c.var.access.detail = refusal.detail;
  return refusalResponse(refusal, c.var.requestId);
}

/** The response to a client that disconnected during its upload. Only one that half closed its connection sees it. */
export function uploadDisconnected(
  { uploads }: UploadMetrics,
  c: Context<GatewayEnv>,
  what: 'image' | 'batch',
): Response {
  uploads.inc({ outcome: 'disconnected' });
  const detail = `The connection closed during the upload. Send the ${what} again.`;
  return refusalResponse(refuse('missing-image', detail), c.var.requestId);
}
