import { AwsCallError, isTransient } from '@labelfleet/aws/errors';
import type { Fleet } from '@labelfleet/aws/fleet';
import { EXIT, StartError } from '@labelfleet/runtime';

/** @throws StartError when workers cannot be launched from it */
export async function checkLaunchTemplate(
  fleet: Pick<Fleet, 'resolveLaunchTemplate'>,
  nameOrId: string,
): Promise<void> {
  try {
    await fleet.resolveLaunchTemplate(nameOrId);
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    throw new StartError(
      `WORKER_LAUNCH_TEMPLATE=${nameOrId} cannot be used: ${error.message}`,
      isTransient(error) ? EXIT.unavailable : EXIT.config,
      { cause: error },
    );
  }
}
