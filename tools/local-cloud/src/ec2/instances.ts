import type { Logger } from '@labelfleet/runtime';

import { ApiError } from '../api-error.ts';
import type { Storage } from '../storage/storage.ts';
import type { Machine, InstanceHost } from './instance-host.ts';
import type { Instance, LaunchSpec } from './instance.ts';
import { KeptInstances } from './kept-instances.ts';
import { subnetsOf } from './places.ts';
import { randomId } from './random-id.ts';

/** For so long a terminated instance is still listed. */
const LISTED_AFTER_END_MS = 3_600_000;

/** For so long it is known, which is longer than a client token can ask for it. */
const KNOWN_AFTER_END_MS = 25 * 3_600_000;

const USER_INITIATED = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};
const INSTANCE_INITIATED = {
  code: 'Client.InstanceInitiatedShutdown',
  message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
};
const SPOT_TERMINATION = {
  code: 'Server.SpotInstanceTermination',
  message: 'Server.SpotInstanceTermination: Spot instance termination',
};
const LAUNCH_FAILED = {
  code: 'Server.InternalError',
  message: 'Server.InternalError: Internal error on launch',
};

const FOUND_ENDED = {
  code: 'Client.InstanceInitiatedShutdown',
  message:
    'Client.InstanceInitiatedShutdown: The process of the instance ended while local-cloud was not running',
};

export interface InstancesOptions {
  readonly region: string;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  readonly storage: Storage;
}

/** One launch, where it would go. */
export interface Launch {
  readonly spec: LaunchSpec;
  readonly subnetId: string;
  readonly zone: string;
  /** How many are wanted. */
  readonly min: number;
  readonly max: number;
}

/** What decides about the fate of instances. */
export interface InstanceFaults {
  /**
   * How many of a launch there is room for, from `min` to `max`.
   * @throws ApiError when there is not room for enough
   */
  room(launch: Launch): number;
  /** How long a new instance takes from its launch to its start, and whether it fails then. */
  boot(instance: Instance): { delayMs: number; fails: boolean };
  /**
   * Whether Spot will take an instance back that has just started, or, with the id of a fault that has just been
   * set, one that runs: when it gets its notice, and how long that is.
   */
  spotNotice(instance: Instance, fault?: string): { afterMs: number; noticeMs: number } | undefined;
}

/**
 * Every instance and its life: pending, running, shutting-down, terminated. An instance that ends by itself
 * is terminated, as with InstanceInitiatedShutdownBehavior=terminate.
 */
export class Instances {
  readonly #instances = new Map<string, Instance>();
  readonly #boots = new Map<string, NodeJS.Timeout>();
  readonly #machines = new Map<string, Machine>();
  readonly #options: InstancesOptions;
  readonly #kept: KeptInstances;
  readonly #host: InstanceHost;
  readonly #faults: InstanceFaults;
  readonly #logger: Logger;
  #launched = 0;
  #graceMs: number;
  #stopping = false;
  #ended = Promise.withResolvers<void>();

  constructor(
    options: InstancesOptions,
    host: InstanceHost,
    faults: InstanceFaults,
    logger: Logger,
  ) {
    this.#options = options;
    this.#kept = new KeptInstances(options.storage);
    for (const instance of this.#kept.read()) this.#instances.set(instance.id, instance);
    this.#launched = this.#instances.size;
    this.#graceMs = options.graceMs;
    this.#host = host;
    this.#faults = faults;
    this.#logger = logger;
  }

  /**
   * Goes on with the instances that an earlier process has kept: machines that still run are found again,
   * those that have not been started are started in time, and the others have ended meanwhile. What runs
   * without being kept is ended. To be called once, before anything else.
   */
  async restore(): Promise<void> {
    const isLiving = (id: string) => this.#living().some((instance) => instance.id === id);
    for (const instanceId of await this.#host.endLeftovers(isLiving)) {
      this.#logger.warn(
        { instanceId },
        'ended an instance that the server before has left running',
      );
    }
    for (const instance of this.#living()) await this.#findAgain(instance);
  }

  /** In the order of their launch, those terminated within the last hour included. */
  all(): Instance[] {
    const nowMs = Date.now();
    return [...this.#instances.values()].filter(({ id, terminatedAtMs = nowMs }) => {
      if (terminatedAtMs < nowMs - KNOWN_AFTER_END_MS) this.#forget(id);
      return terminatedAtMs >= nowMs - LISTED_AFTER_END_MS;
    });
  }

  get(id: string): Instance {
    const instance = this.#instances.get(id);
    if (instance !== undefined) return instance;
    throw /^i-[0-9a-f]{17}$/.test(id)
      ? new ApiError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
      : new ApiError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
  }

  /** @throws ApiError when there is not room for `min` */
  launch(
    spec: LaunchSpec,
    wanted: { min: number; max: number },
    clientToken: string | undefined,
  ): Instance[] {
    if (this.#stopping) throw new ApiError('Unavailable', 'The server is shutting down.', 503);
    const subnet = this.#subnetFor(spec.subnetId);
    const count = this.#faults.room({ spec, subnetId: subnet.id, zone: subnet.zone, ...wanted });
    const reservationId = randomId('r');
    return Array.from({ length: count }, (_, launchIndex) => {
      this.#launched += 1;
      const instance: Instance = {
        id: randomId('i'),
        reservationId,
        launchIndex,
        clientToken,
        spec,
        subnetId: subnet.id,
        zone: subnet.zone,
        privateIp: `172.31.${subnet.network}.${4 + (this.#launched % 250)}`,
        launchedAtMs: Date.now(),
        startsAtMs: Date.now(),
        tags: { ...spec.tags },
        state: 'pending',
        stateReason: undefined,
        terminatedAtMs: undefined,
        spotNotice: undefined,
      };
      this.#instances.set(instance.id, instance);
      const { delayMs, fails } = this.#faults.boot(instance);
      instance.startsAtMs = instance.launchedAtMs + delayMs;
      this.changed(instance);
      this.#bootInTime(instance, fails);
      return instance;
    });
  }

  /** Something of an instance has been changed that is to be kept. */
  changed(instance: Instance): void {
    this.#kept.save(instance);
  }

  /** Terminates an instance; one that is on its way there already stays on it. */
  terminate(instance: Instance, reason = USER_INITIATED): void {
    if (instance.state !== 'pending' && instance.state !== 'running') return;
    instance.state = 'shutting-down';
    instance.stateReason = reason;
    this.changed(instance);
    const machine = this.#machines.get(instance.id);
    if (machine !== undefined) machine.terminate(this.#graceMs);
    else if (this.#boots.has(instance.id)) {
      clearTimeout(this.#boots.get(instance.id));
      this.#boots.delete(instance.id);
      setImmediate(() => this.#end(instance));
    } // else it is just being started, and #boot will see that it must end
  }

  /** Ends the machine of an instance at once, as if it were switched off. */
  kill(instance: Instance): void {
    this.#machines.get(instance.id)?.kill();
  }

  /** Gives a running instance the notice that Spot takes it back, and terminates it when that has run out. */
  takeBack(instance: Instance, noticeMs: number): void {
    if (instance.state !== 'running' || instance.spotNotice !== undefined) return;
    instance.spotNotice = { action: 'terminate', atMs: Date.now() + noticeMs };
    this.changed(instance);
    this.#endAtNotice(instance);
  }

  /** Lets running instances meet a fault that has just been set. */
  meet(fault: string): void {
    for (const instance of this.all()) {
      if (instance.state === 'running') this.#meetSpot(instance, fault);
    }
  }

  /** Terminates every instance, launches no more, and resolves when all have ended. */
  async terminateAll(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#graceMs = graceMs;
    for (const instance of this.#instances.values()) this.terminate(instance);
    for (const machine of this.#machines.values()) machine.terminate(graceMs);
    while (this.all().some(({ state }) => state !== 'terminated')) await this.#ended.promise;
  }

  async #findAgain(instance: Instance): Promise<void> {
    const machine = await this.#host.find(instance, () => this.#end(instance));
    if (machine !== undefined) {
      this.#logger.info({ instanceId: instance.id }, 'instance found again');
      this.#machines.set(instance.id, machine);
      if (instance.state === 'pending') instance.state = 'running';
      if (instance.state === 'shutting-down') machine.terminate(this.#graceMs);
      this.#endAtNotice(instance);
      this.changed(instance);
    } else if (instance.state === 'pending') {
      this.#bootInTime(instance);
    } else {
      instance.stateReason ??= FOUND_ENDED;
      this.#end(instance);
    }
  }

  #endAtNotice(instance: Instance): void {
    if (instance.spotNotice === undefined) return;
    const leftMs = Math.max(0, instance.spotNotice.atMs - Date.now());
    setTimeout(() => this.terminate(instance, SPOT_TERMINATION), leftMs).unref();
  }

  #living(): Instance[] {
    return [...this.#instances.values()].filter(({ state }) => state !== 'terminated');
  }

  #forget(id: string): void {
    this.#instances.delete(id);
    this.#kept.remove(id);
  }

  #bootInTime(instance: Instance, fails = false): void {
    const delayMs = Math.max(0, instance.startsAtMs - Date.now());
    const boot = setTimeout(() => {
      if (fails) this.#failToBoot(instance);
      else void this.#boot(instance);
    }, delayMs);
    this.#boots.set(instance.id, boot);
  }

  async #boot(instance: Instance): Promise<void> {
    this.#boots.delete(instance.id);
    try {
      await this.#options.storage.committed(); // or a machine would run for an instance that nobody knows
      const machine = await this.#host.start(instance, () => this.#end(instance));
      this.#logger.info({ instanceId: instance.id }, 'instance runs');
      this.#machines.set(instance.id, machine);
      if (instance.state === 'pending') {
        instance.state = 'running';
        this.changed(instance);
        this.#meetSpot(instance);
      } else machine.terminate(this.#graceMs); // it was terminated while it was being started
    } catch (error) {
      this.#logger.error({ error, instanceId: instance.id }, 'instance could not be started');
      instance.stateReason = LAUNCH_FAILED;
      this.#end(instance);
    }
  }

  #failToBoot(instance: Instance): void {
    this.#boots.delete(instance.id);
    instance.stateReason = LAUNCH_FAILED;
    this.#end(instance);
  }

  #meetSpot(instance: Instance, fault?: string): void {
    const notice = this.#faults.spotNotice(instance, fault);
    if (notice === undefined) return;
    setTimeout(() => this.takeBack(instance, notice.noticeMs), notice.afterMs).unref();
  }

  #end(instance: Instance): void {
    this.#machines.delete(instance.id);
    instance.stateReason ??= INSTANCE_INITIATED;
    instance.state = 'terminated';
    instance.terminatedAtMs = Date.now();
    this.changed(instance);
    this.#logger.info(
      { instanceId: instance.id, because: instance.stateReason.code },
      'instance terminated',
    );
    this.#ended.resolve();
    this.#ended = Promise.withResolvers();
  }

  /** Without a wish the zones take turns. */
  #subnetFor(subnetId: string | undefined) {
    const subnets = subnetsOf(this.#options.region);
    const subnet =
      subnetId === undefined
        ? subnets[this.#launched % subnets.length]
        : subnets.find(({ id }) => id === subnetId);
    if (subnet !== undefined) return subnet;
    throw new ApiError(
      'InvalidSubnetID.NotFound',
      `The subnet ID '${subnetId}' does not exist (DescribeSubnets names those that do)`,
    );
  }
}
