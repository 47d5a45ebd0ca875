import type { Logger } from '@labelfleet/runtime';

import type { Storage } from '../../storage/storage.ts';
import { Boots } from './boots.ts';
import {
  FOUND_ENDED,
  instanceInitiated,
  launchFailed,
  type EndReason,
  type LaunchFailure,
} from './end-reasons.ts';
import type { InstanceHost, Machine } from './instance-host.ts';
import type { Instance } from './instance.ts';
import type { KnownInstances } from './known-instances.ts';

export interface LifecycleDeps {
  /** The time from SIGTERM to SIGKILL. */
  readonly graceMs: number;
  readonly known: KnownInstances;
  readonly host: InstanceHost;
  readonly storage: Pick<Storage, 'committed'>;
  /** Called with each instance that has started. */
  readonly onRunning: (instance: Instance) => void;
}

/**
 * Drives the life cycle of each instance and its machine: pending, running, shutting-down, terminated. An instance
 * whose process exits is stopped or terminated according to its InstanceInitiatedShutdownBehavior.
 */
export class Lifecycle {
  readonly #boots = new Boots();
  readonly #machines = new Map<string, Machine>();
  readonly #deps: LifecycleDeps;
  readonly #logger: Logger;
  #graceMs: number;
  #oneEnded = Promise.withResolvers<void>();

  constructor(deps: LifecycleDeps, logger: Logger) {
    this.#deps = deps;
    this.#graceMs = deps.graceMs;
    this.#logger = logger;
  }

  /** Starts a pending instance when it is due, or makes its launch fail then. */
  begin(instance: Instance, failure?: LaunchFailure): void {
    this.#boots.schedule(instance, () => {
      if (failure !== undefined) this.#end(instance, launchFailed(failure));
      else void this.#boot(instance);
    });
  }

  /** Restores an instance of an earlier process. If it had a machine that is gone, it has ended. */
  async resume(instance: Instance): Promise<void> {
    const { host, known } = this.#deps;
    if (instance.state === 'stopped') return;
    const machine = await host.find(instance, (how) => this.#ended(instance, how));
    if (machine !== undefined) {
      this.#logger.info({ instanceId: instance.id }, 'instance reattached');
      this.#machines.set(instance.id, machine);
      if (instance.state === 'pending') instance.state = 'running';
      if (instance.state === 'shutting-down') machine.terminate(this.#graceMs);
      known.save(instance);
    } else if (instance.state === 'pending') {
      this.begin(instance);
    } else if (instance.stateReason === undefined) {
      this.#shutDown(instance, FOUND_ENDED);
    } else {
      this.#end(instance, instance.stateReason);
    }
  }

  /** Terminates an instance. Has no effect if it is already being terminated. */
  terminate(instance: Instance, reason: EndReason): void {
    if (instance.state === 'stopped') {
      this.#end(instance, reason);
      return;
    }
    if (instance.state !== 'pending' && instance.state !== 'running') return;
    instance.state = 'shutting-down';
    instance.stateReason = reason;
    this.#deps.known.save(instance);
    const machine = this.#machines.get(instance.id);
    if (machine !== undefined) machine.terminate(this.#graceMs);
    else if (this.#boots.cancel(instance)) setImmediate(() => this.#end(instance, reason));
    // Otherwise the instance is just being started, and #boot terminates it after that.
  }

  /** Kills the machine of an instance at once, like a power loss. */
  kill(instance: Instance): void {
    this.#machines.get(instance.id)?.kill();
  }

  /** Terminates all instances, with this grace time from now on, and resolves when all have ended. */
  async terminateAll(graceMs: number, reason: EndReason): Promise<void> {
    const { known } = this.#deps;
    this.#graceMs = graceMs;
    for (const instance of known.living()) this.terminate(instance, reason);
    for (const machine of this.#machines.values()) machine.terminate(graceMs);
    while (known.living().length > 0) await this.#oneEnded.promise;
  }

  async #boot(instance: Instance): Promise<void> {
    const { storage, host, known, onRunning } = this.#deps;
    try {
      await storage.committed(); // otherwise a crash could leave a machine without a persisted instance
      const machine = await host.start(instance, (how) => this.#ended(instance, how));
      this.#logger.info({ instanceId: instance.id }, 'instance running');
      this.#machines.set(instance.id, machine);
      if (instance.state === 'pending') {
        instance.state = 'running';
        known.save(instance);
        onRunning(instance);
      } else machine.terminate(this.#graceMs); // it was terminated while it was being started
    } catch (error) {
      this.#logger.error({ error, instanceId: instance.id }, 'instance could not be started');
      this.#end(instance, launchFailed('Server.InternalError'));
    }
  }

  /** Handles the end of a machine. Without a known reason, its process exited. */
  #ended(instance: Instance, how: string | undefined): void {
    if (instance.stateReason === undefined) this.#shutDown(instance, instanceInitiated(how));
    else this.#end(instance, instance.stateReason);
  }

  /** Stops or terminates an instance whose process has exited. */
  #shutDown(instance: Instance, reason: EndReason): void {
    const { shutdownBehavior, market } = instance.spec;
    // A one-time Spot instance cannot be stopped.
    if (shutdownBehavior === 'terminate' || market === 'spot') {
      this.#end(instance, reason);
      return;
    }
    this.#machines.delete(instance.id);
    instance.stateReason = reason;
    instance.state = 'stopped';
    this.#deps.known.save(instance);
    this.#logger.info({ instanceId: instance.id, reason: reason.code }, 'instance stopped');
  }

  #end(instance: Instance, reason: EndReason): void {
    this.#machines.delete(instance.id);
    instance.stateReason = reason;
    instance.state = 'terminated';
    instance.terminatedAtMs = Date.now();
    this.#deps.known.save(instance);
    this.#logger.info({ instanceId: instance.id, reason: reason.code }, 'instance terminated');
    this.#oneEnded.resolve();
    this.#oneEnded = Promise.withResolvers();
  }
}
