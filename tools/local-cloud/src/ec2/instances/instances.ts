import type { Logger } from '@labelfleet/runtime';

import { ApiError } from '../../api-error.ts';
import type { Storage } from '../../storage/storage.ts';
import { SPOT_TERMINATION, USER_INITIATED } from './end-reasons.ts';
import type { InstanceFaults } from './instance-faults.ts';
import type { InstanceHost } from './instance-host.ts';
import type { InstanceView } from './instance-view.ts';
import type { Instance, LaunchSpec } from './instance.ts';
import { KnownInstances } from './known-instances.ts';
import { Lifecycle } from './lifecycle.ts';
import { subnetFor } from '../places.ts';
import { randomId } from '../random-id.ts';
import { Spot } from './spot.ts';

export interface InstancesOptions {
  readonly region: string;
  /** The time from SIGTERM to SIGKILL. */
  readonly graceMs: number;
  readonly storage: Storage;
}

/** All instances, and the operations on them. */
export class Instances implements InstanceView {
  readonly #region: string;
  readonly #host: InstanceHost;
  readonly #faults: InstanceFaults;
  readonly #logger: Logger;
  readonly #known: KnownInstances;
  readonly #lifecycle: Lifecycle;
  readonly #spot: Spot;
  #launched: number;
  #stopping = false;

  constructor(
    { region, graceMs, storage }: InstancesOptions,
    host: InstanceHost,
    faults: InstanceFaults,
    logger: Logger,
  ) {
    this.#region = region;
    this.#host = host;
    this.#faults = faults;
    this.#logger = logger;
    const known = new KnownInstances(storage);
    this.#known = known;
    this.#launched = known.size;
    this.#spot = new Spot(faults, known, (instance) => this.terminate(instance, SPOT_TERMINATION));
    const onRunning = (instance: Instance) => this.#spot.applyFaults(instance);
    this.#lifecycle = new Lifecycle({ graceMs, known, host, storage, onRunning }, logger);
  }

  /**
   * Restores the instances that an earlier process persisted. It reattaches to processes that still run, starts pending
   * instances when they are due, and marks the others as ended. It ends processes that belong to no persisted instance.
   * Must be called once, before any other method.
   */
  async restore(): Promise<void> {
    const living = this.#known.living();
    const isLiving = (id: string) => living.some((instance) => instance.id === id);
    for (const instanceId of await this.#host.endLeftovers(isLiving)) {
      this.#logger.warn({ instanceId }, 'leftover instance of an earlier server ended');
    }
    for (const instance of living) {
      await this.#lifecycle.resume(instance);
      this.#spot.endAtNotice(instance);
    }
  }

  all(): Instance[] {
    return this.#known.all();
  }

  get(id: string): Instance {
    return this.#known.get(id);
  }

  /** @throws ApiError if there is capacity for fewer than `min` */
  launch(
    spec: LaunchSpec,
    wanted: { min: number; max: number },
    clientToken: string | undefined,
  ): Instance[] {
    if (this.#stopping) throw new ApiError('Unavailable', 'The server is shutting down.', 503);
    const subnet = subnetFor(this.#region, spec.subnetId, this.#launched);
    const count = this.#faults.capacity({
      spec,
      subnetId: subnet.id,
      zone: subnet.zone,
      ...wanted,
    });
    const reservationId = randomId('r');
    return Array.from({ length: count }, (_, launchIndex) => {
      this.#launched += 1;
      const launchedAtMs = Date.now();
      const instance: Instance = {
        id: randomId('i'),
        reservationId,
        launchIndex,
        clientToken,
        spec,
        subnetId: subnet.id,
        zone: subnet.zone,
        privateIp: `172.31.${subnet.network}.${4 + (this.#launched % 250)}`,
        launchedAtMs,
        startsAtMs: launchedAtMs,
        tags: { ...spec.tags },
        state: 'pending',
        stateReason: undefined,
        terminatedAtMs: undefined,
        spotNotice: undefined,
      };
      const { delayMs, failure } = this.#faults.boot(instance);
      instance.startsAtMs += delayMs;
      this.#known.save(instance);
      this.#lifecycle.begin(instance, failure);
      return instance;
    });
  }

  /** Persists an instance after a change. */
  changed(instance: Instance): void {
    this.#known.save(instance);
  }

  /** Terminates an instance. Has no effect if it is already being terminated. */
  terminate(instance: Instance, reason = USER_INITIATED): void {
    this.#lifecycle.terminate(instance, reason);
  }

  /** Kills the process group of an instance at once, like a power loss. */
  kill(instance: Instance): void {
    this.#lifecycle.kill(instance);
  }

  /** Gives a running instance an interruption notice, and terminates it at the end of the notice. */
  interrupt(instance: Instance, noticeMs: number): void {
    this.#spot.interrupt(instance, noticeMs);
  }

  /** Applies a Spot interruption fault that was just set to running instances. */
  applySpotFault(fault: string): void {
    for (const instance of this.all()) {
      if (instance.state === 'running') this.#spot.applyFaults(instance, fault);
    }
  }

  /** Terminates all instances, refuses launches, and resolves when all instances have ended. */
  async terminateAll(graceMs: number): Promise<void> {
    this.#stopping = true;
    await this.#lifecycle.terminateAll(graceMs, USER_INITIATED);
  }
}
