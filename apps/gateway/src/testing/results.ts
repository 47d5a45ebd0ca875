import {
  makeProblem,
  makeRequestId,
  type FailedResult,
  type ProblemCode,
  type SucceededResult,
} from '@labelfleet/contracts';
import { randomBytes } from 'node:crypto';

/** A fleet of which no scaler has published a snapshot. */
export const NO_FLEET = { published: async () => undefined };

export const someRequestId = () => makeRequestId(Date.UTC(2025, 0, 1), randomBytes(10));

export const succeeded = (overrides: Partial<SucceededResult> = {}): SucceededResult => ({
  v: 1,
  id: someRequestId(),
  status: 'succeeded',
  submittedAt: '2025-01-01T00:00:00.000Z',
  completedAt: '2025-01-01T00:00:00.044Z',
  attempts: 1,
  worker: 'i-0123456789abcdef0',
  cost: { currency: 'USD', total: 0.0000131, instance: 3e-7, queue: 0.0000024, store: 0.0000104 },
  label: 'shower curtain',
  predictions: [{ label: 'shower curtain', score: 0.83, classIndex: 794 }],
  model: { name: 'resnet18', version: '1', sha256: 'ab' },
  timings: { queuedMs: 12, fetchMs: 4, decodeMs: 3, inferMs: 21, totalMs: 44 },
  ...overrides,
});

export const failed = (id: string, code: ProblemCode): FailedResult => ({
  v: 1,
  id,
  status: 'failed',
  submittedAt: '2025-01-01T00:00:00.000Z',
  completedAt: '2025-01-01T00:00:01.000Z',
  attempts: 1,
  problem: makeProblem(code, id, 'of this one'),
});
