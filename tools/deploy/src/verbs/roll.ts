import type { Fleet, FleetInstance } from '@labelfleet/aws/fleet';
import type { Clock } from '@labelfleet/runtime';
import { FLEET_TAG } from './names.ts';
import { waitFor } from './wait.ts';

/** EC2 sets it on what is launched from a template. */
const VERSION_TAG = 'aws:ec2launchtemplate:version';

/** The workers that run an older version of the template, the oldest first. */
export function outdated(instances: readonly FleetInstance[], newest: string): FleetInstance[] {
  return instances
    .filter(({ state, tags }) => isLive(state) && Number(tags[VERSION_TAG]) < Number(newest))
    .sort((a, b) => a.launchedAt.getTime() - b.launchedAt.getTime());
}

const isLive = (state: FleetInstance['state']) => state === 'launching' || state === 'running';

export interface RollDeps {
  fleet: Pick<Fleet, 'resolveLaunchTemplate' | 'list' | 'terminate'>;
  clock: Clock;
  tell: (line: string) => void;
}

/**
 * Replaces workers of an older template version, one after the other. Each drains: its request is completed or
 * becomes visible again. The scaler launches the new ones as they are needed.
 */
export async function rollWorkers(
  fleetName: string,
  templateId: string,
  { fleet, clock, tell }: RollDeps,
  pollMs = 3000,
): Promise<void> {
  const { version } = await fleet.resolveLaunchTemplate(templateId);
  const list = () => fleet.list(FLEET_TAG, fleetName);
  const workers = outdated(await list(), version);
  tell(`${workers.length} workers are older than version ${version} of the template`);
  for (const { instanceId } of workers) {
    await fleet.terminate(instanceId);
    const hasEnded = async () =>
      (await list()).every((each) => each.instanceId !== instanceId || each.state === 'terminated');
    await waitFor(`${instanceId} ends`, hasEnded, { clock, limitMs: 600_000, pollMs });
    tell(`${instanceId} has ended`);
  }
}
