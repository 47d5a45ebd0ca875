import { WORKER_TAGS } from '@labelfleet/contracts';
import { scalerVariables } from '@labelfleet/local-stack/app-environments';
import { startApp } from '@labelfleet/testkit/app-process';
import { openBench, type Bench } from './bench.ts';

/**
 * Kills a scaler right after EC2 has launched an instance, before the scaler knows and before Describe shows it;
 * another scaler takes over. Only one instance may exist.
 * @returns the broken rule
 */
export async function killedAfterLaunch(main: string): Promise<string | undefined> {
  await using bench = await openBench(['sleep', '600']);
  await bench.faults.set({ kind: 'stale-describe', seconds: 600, match: { caller: 'scaler-*' } });
  await bench.submit();

  const first = await bench.hold('first', 'scaler-1', 'after', 'RunInstances');
  await using killed = startScaler(main, 'scaler-1', bench);
  await first.reached();
  await killed.kill();
  const second = await bench.hold('second', 'scaler-2', 'after', 'RunInstances');
  await using successor = startScaler(main, 'scaler-2', bench);
  await second.reached();
  const instances = await bench.cloud.ec2.fleet.list(WORKER_TAGS.fleet, 'labelfleet');
  await successor.kill();
  return instances.length > 1 ? `above max: ${instances.length} instances, max 1` : undefined;
}

function startScaler(main: string, name: string, { around, launchTemplate }: Bench) {
  const times = { TICK_SECONDS: '0.2', LEASE_SECONDS: '3' };
  const settings = { ...times, MAX_WORKERS: '1', SCALING_POLICY: 'per-message' };
  const variables = scalerVariables(settings, around, { launchTemplate, port: 0 });
  // The local cloud tells callers apart by their access key.
  return startApp(main, { ...variables, AWS_ACCESS_KEY_ID: name });
}
