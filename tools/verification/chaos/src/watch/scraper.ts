import { samplesOfAlerts, SCRAPE_INTERVAL_SECONDS } from '@labelfleet/observability/alerts-of-run';
import type { Scrape } from '@labelfleet/observability/alerts-of-run';
import { sleep } from '@labelfleet/runtime';
import { workerMetricsUrl } from '@labelfleet/testkit/worker-processes';
import type { History } from '../history/history.ts';
import { TIME_SCALE } from '../stack/settings.ts';
import type { Stack } from '../stack/stack.ts';
import type { FleetWatch } from './fleet-watch.ts';

const EVERY_MS = (SCRAPE_INTERVAL_SECONDS * 1000) / TIME_SCALE;
/** Prometheus waits for 10 s by default. */
const TIMEOUT_MS = 10_000 / TIME_SCALE;

interface ScraperDeps extends Pick<Stack, 'metricsUrls' | 'cloudDir'> {
  fleet: Pick<FleetWatch, 'living'>;
  history: Pick<History, 'note'>;
}

interface Target extends Omit<Scrape, 'text'> {
  url: string | undefined;
}

/**
 * Scrapes gateways, scalers and the workers whose instances run, as Prometheus does with prometheus.yml, and adds the
 * samples to the history, until the signal aborts.
 */
export async function scrapeStack(
  { metricsUrls, cloudDir, fleet, history }: ScraperDeps,
  signal: AbortSignal,
): Promise<void> {
  const targets = async (): Promise<Target[]> => {
    const running = fleet.living.filter(({ state }) => state === 'running');
    const workers = running.map(async ({ id: instance }) => {
      const url = await workerMetricsUrl(cloudDir, instance);
      return { job: 'labelfleet-worker', instance, url } as const;
    });
    const apps = [...metricsUrls].map(([instance, url]) => {
      const job = instance.startsWith('gateway') ? 'labelfleet-gateway' : 'labelfleet-scaler';
      return { job, instance, url } as const;
    });
    return [...apps, ...(await Promise.all(workers))];
  };
  const beganAt = performance.now();
  for (let round = 1; !signal.aborted; round++) {
    const at = Date.now();
    const scrapes = await Promise.all((await targets()).map(scrape));
    history.note({ kind: 'scraped', scrapes }, at);
    await sleep(Math.max(0, beganAt + round * EVERY_MS - performance.now()), signal);
  }
}

async function scrape({ url, ...target }: Target): Promise<Scrape> {
  return { ...target, text: url === undefined ? null : await read(url) };
}

async function read(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return answer.ok ? samplesOfAlerts(await answer.text()) : null;
  } catch {
    return null; // it does not run, or does not answer in time
  }
}
