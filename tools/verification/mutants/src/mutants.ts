/** A build of the product with one rule broken. */
export interface Mutant {
  name: string;
  /** The rule, by its number in docs/protocol.md. */
  rule: string;
  /** Relative to the workspace. */
  file: string;
  /** A text that occurs exactly once in the file, and its replacement. */
  find: string;
  replace: string;
}

/** Mutants of pure functions that a model calls: the model must find a violation within the bounds of its cases. */
export interface ModelMutant extends Mutant {
  model: 'request' | 'fleet';
}

export const MODEL_MUTANTS: readonly ModelMutant[] = [
  {
    name: 'an attempt is not recorded',
    rule: 'P4',
    model: 'request',
    file: 'libs/contracts/src/request/attempt-record.ts',
    find: '  attempts: [...withoutAttempt(record, attempt.nonce).attempts, attempt],',
    replace: '  attempts: withoutAttempt(record, attempt.nonce).attempts,',
  },
  {
    name: 'attempts are called exhausted while the last may still complete the request',
    rule: 'P4',
    model: 'request',
    file: 'libs/contracts/src/request/attempt-record.ts',
    find: "return waitMs > 0 ? { kind: 'too-early', waitMs } : { kind: 'exhausted' };",
    replace: "return { kind: 'exhausted' };",
  },
  {
    name: 'a withdrawn attempt stays in the attempt record',
    rule: 'P5',
    model: 'request',
    file: 'apps/worker/src/request/judge-outcome.ts',
    find: "return kind === 'unreachable' || kind === 'interrupted' || kind === 'lapsed';",
    replace: "return kind === 'unreachable' || kind === 'lapsed';",
  },
  {
    name: 'a worker is terminated without the current id',
    rule: 'F6',
    model: 'fleet',
    file: 'apps/scaler/src/observe/view-fleet.ts',
    find: 'const current = instruction === undefined || report?.event.instructionId === instruction.id;',
    replace: 'const current = true;',
  },
  {
    name: 'an intent is closed by the reply',
    rule: 'F2',
    model: 'fleet',
    file: 'apps/scaler/src/memory/launch-intents.ts',
    find: 'return { launched: answer.instances, countedUntilMs: now + AWAITED_MS };',
    replace: 'return { launched: 0, countedUntilMs: now };',
  },
  {
    name: 'a launch is counted no longer than a call lives',
    rule: 'F2',
    model: 'fleet',
    file: 'apps/scaler/src/memory/launch-intents.ts',
    find: 'const COUNTED_MS = SEND_WITHIN_MS + CALL_LIFETIME_MS + UNSEEN_MS;',
    replace: 'const COUNTED_MS = CALL_LIFETIME_MS;',
  },
  {
    name: 'a takeover counts each launch from then on',
    rule: 'F2',
    model: 'fleet',
    file: 'apps/scaler/src/memory/fleet-memory.ts',
    find: 'inheritIntent(intent, moved)',
    replace: 'inheritIntent({ ...intent, sentAtMs: intent.sentAtMs ?? now }, moved)',
  },
  {
    name: 'a launch that takes the room of others is not sent again',
    rule: 'F2',
    model: 'fleet',
    file: 'apps/scaler/src/memory/launch-intents.ts',
    find: 'now - writtenAtMs < COUNTED_MS && maySendIn(request)',
    replace: 'now < writtenAtMs && maySendIn(request)',
  },
  {
    name: 'a scaler takes any of its writes for proof that its last one was stored',
    rule: 'F1',
    model: 'fleet',
    file: 'apps/scaler/src/lease/lease.ts',
    find: 'object.lease.nonce === writing.lease.nonce',
    replace: 'object.lease.leader === writing.lease.leader',
  },
  {
    name: 'a worker goes back to an older instruction',
    rule: 'F4',
    model: 'fleet',
    file: 'libs/contracts/src/fleet/worker-tags.ts',
    find: 'thanId === undefined || instructionSequence(id) > instructionSequence(thanId);',
    replace: 'id !== thanId;',
  },
];

/** Mutants of the code around the pure functions: a run of the real build must find the fault. */
export interface RunMutant extends Mutant {
  app: 'worker' | 'scaler';
  scenario:
    | 'killed-before-store'
    | 'killed-before-reply'
    | 'killed-before-webhook'
    | 'redelivery'
    | 'burst'
    | 'two-results'
    | 'killed-after-launch';
}

export const RUN_MUTANTS: readonly RunMutant[] = [
  {
    name: 'the message is deleted before the result is stored',
    rule: 'P3',
    app: 'worker',
    scenario: 'killed-before-store',
    file: 'apps/worker/src/request/complete.ts',
    find: "const stored = await delivery.inPlace('store', () => deps.results.storeOnce(result));",
    replace: `await deps.queue.ack(delivery.message.receipt);
    const stored = await delivery.inPlace('store', () => deps.results.storeOnce(result));`,
  },
  {
    name: 'the message is deleted before the reply',
    rule: 'P3',
    app: 'worker',
    scenario: 'killed-before-reply',
    file: 'apps/worker/src/request/complete.ts',
    find: '  const { replyTo } = request;',
    replace: '  await queue.ack(message.receipt);\n  const { replyTo } = request;',
  },
  {
    name: 'the message is deleted before the webhook message is sent',
    rule: 'P3',
    app: 'worker',
    scenario: 'killed-before-webhook',
    file: 'apps/worker/src/request/complete.ts',
    find: '  await notify(delivery, webhooks);',
    replace: '  await queue.ack(message.receipt);\n  await notify(delivery, webhooks);',
  },
  {
    name: 'a redelivery gives its slot back before its result is stored',
    rule: 'P4',
    app: 'worker',
    scenario: 'redelivery',
    file: 'apps/worker/src/request/complete.ts',
    find: "const stored = await delivery.inPlace('store', () => deps.results.storeOnce(result));",
    replace: `delivery.freeSlot();
    const stored = await delivery.inPlace('store', () => deps.results.storeOnce(result));`,
  },
  {
    name: 'messages are received ahead while a redelivery has the worker',
    rule: 'P4',
    app: 'worker',
    scenario: 'redelivery',
    file: 'apps/worker/src/receive/slots.ts',
    find: 'for (const { exclusive } of this.#reservations) if (exclusive) return true;',
    replace: '',
  },
  {
    name: 'a batch that lingers drops an entry',
    rule: 'P3',
    app: 'worker',
    scenario: 'burst',
    file: 'libs/aws/src/queue/batcher.ts',
    find: 'if (lingerMs > 0) return wait(lingerMs, false);',
    replace:
      'if (lingerMs > 0) { if (batch.length > 1) waiting.pop(); return wait(lingerMs, false); }',
  },
  {
    name: 'a result is written over another',
    rule: 'P2',
    app: 'worker',
    scenario: 'two-results',
    file: 'libs/aws/src/store/json-object.ts',
    find: "{ ...JSON_TYPE, onlyIf: 'absent' }",
    replace: 'JSON_TYPE',
  },
  {
    name: 'decisions are kept in memory only',
    rule: 'F2',
    app: 'scaler',
    scenario: 'killed-after-launch',
    file: 'apps/scaler/src/lease/lease-keeper.ts',
    find: '      lease,\n      fleetLeaseCodec,',
    replace: '      { ...lease, memory: EMPTY_MEMORY },\n      fleetLeaseCodec,',
  },
];
