/** The model that the stub's fleet uses. */
export const MODEL = {
  name: 'everyday-100',
  version: '1',
  labels: ['goldfish', 'ladybug', 'orange', 'sunglasses', 'alp', 'seashore', 'ice cream'],
  calibration: {
    thresholds: [
      { score: 0, precisionAtLeast: 0.68 },
      { score: 0.62, precisionAtLeast: 0.9 },
    ],
  },
};

/** A classification of the stub. */
export const succeeded = (label: string, score: number) => ({
  status: 'succeeded',
  label,
  predictions: [
    { label, score, classIndex: 1 },
    { label: 'ice cream', score: (1 - score) / 2, classIndex: 2 },
    { label: 'a label with a rather long name', score: (1 - score) / 4, classIndex: 3 },
    { label: 'bathtub', score: (1 - score) / 8, classIndex: 4 },
    { label: 'alp', score: 0.0001, classIndex: 5 },
  ],
  model: {
    name: 'everyday-100',
    version: '1',
    sha256: 'c2bd31ec2ce6d9d934d4ba3ae4fe9a30530ffb528b4ad4049846eac605d7ae79',
  },
  completedAt: '2026-11-22T05:12:50.140Z',
  attempts: 1,
  timings: { queuedMs: 12, fetchMs: 4, decodeMs: 3, inferMs: 21, totalMs: 44 },
  worker: 'i-08b10e6d3055c0d57',
  cost: { currency: 'USD', total: 0.0000138449 },
});

export const failed = {
  status: 'failed',
  problem: {
    type: 'urn:labelfleet:problem:invalid-image',
    title: 'The image cannot be decoded',
    status: 422,
    detail: 'The JPEG image ends early: its end marker is missing. Send the whole file.',
    requestId: 'r',
  },
  completedAt: '2026-11-22T05:12:50.140Z',
};

/** A fleet snapshot of now. */
export function fleetSnapshot(overrides: object = {}) {
  const ago = (seconds: number) => new Date(Date.now() - 1000 * seconds).toISOString();
  return {
    at: ago(1),
    publishedEverySeconds: 10,
    stale: false,
    policy: 'deadline',
    workers: { booting: 1, idle: 0, busy: 2, draining: 1, suspected: 0 },
    limits: { min: 0, max: 20 },
    queue: { backlog: 12, inFlight: 4, delayed: 0 },
    decision: {
      at: ago(3),
      desired: 3,
      launched: 1,
      drained: 0,
      reason: '12 waiting, 4 in flight; 2 workers serve 8/s: launch 1',
    },
    estimatedWaitSeconds: 9,
    learned: { serviceSeconds: 0.2, bootSecondsP50: 16, bootSecondsP95: 24 },
    instances: [
      { id: 'i-1', state: 'busy', since: ago(40), completed: 31 },
      { id: 'i-2', state: 'busy', since: ago(12), completed: 8 },
      { id: 'i-3', state: 'booting', since: ago(6), completed: 0 },
      { id: 'i-4', state: 'draining', since: ago(2), completed: 120 },
    ],
    cost: {
      currency: 'USD',
      perHourNow: 0.2678,
      perImage: 0.000017147,
      lastHour: { images: 661, total: 0.01133401 },
    },
    history: Array.from({ length: 60 }, (_, index) => ({
      at: ago(600 - 10 * index),
      backlog: Math.max(0, Math.round(30 * Math.sin(index / 9))),
      inFlight: 2,
      workers: 2,
    })),
    ...overrides,
  };
}
