import { createLogger, systemClock } from '@labelfleet/runtime';
import { pricesFor } from '@labelfleet/scaling';
import { expect, test } from 'vitest';
import { dryRun } from '../act/dry-run.ts';
import { EMPTY_MEMORY } from '../memory/fleet-memory.ts';
import { inMemory } from '../memory/memory-keeper.ts';
import { Metrics } from '../metrics.ts';
import { createFakeCloud } from '../testing/fake-cloud.ts';
import { runTerm } from './run-term.ts';

const log = createLogger({ app: 'scaler', level: 'silent' });

test('an idle tick makes the polls for fleet events long and the memory seldom stored, and an image ends that', async () => {
  const cloud = createFakeCloud();
  const stopping = new AbortController();
  const seen = { poll: 0, idle: undefined as boolean | undefined };
  const running = runTerm(
    {
      requestQueue: cloud.requestQueue,
      eventQueue: {
        async receive({ waitSeconds }, signal) {
          seen.poll = waitSeconds;
          await systemClock.sleep(5, signal);
          return [];
        },
        ack: async () => 'done',
      },
      fleet: cloud.listing,
      fleetName: 'test',
      settings: {
        policy: 'per-message',
        minWorkers: 0,
        maxWorkers: 5,
        targetWaitSeconds: 10,
        imagesPerWorker: 5,
      },
      memory: { ...inMemory(EMPTY_MEMORY), idle: (idle) => void (seen.idle = idle) },
      act: dryRun(log, []),
      places: [],
      newestTemplate: async () => undefined,
      currentTemplate: async () => undefined,
      rates: { prices: pricesFor('us-east-1'), fifo: false },
      workerHour: () => undefined,
      leads: () => true,
      tickMs: 5,
      tickLog: undefined,
      onTick: () => undefined,
      metrics: new Metrics(),
      log,
      clock: systemClock,
    },
    stopping.signal,
  );
  await expect.poll(() => seen).toEqual({ poll: 20, idle: true });
  cloud.images(1);
  await expect.poll(() => seen).toEqual({ poll: 5, idle: false });
  stopping.abort(new Error('enough'));
  await running;
});
