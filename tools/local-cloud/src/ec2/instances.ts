import type { Logger } from '@labelfleet/runtime';

import { ApiError } from '../api-error.ts';
import type { Machine, InstanceHost } from './instance-host.ts';
import type { Instance, LaunchSpec } from './instance.ts';
import { subnetsOf } from './places.ts';
import { randomId } from './random-id.ts';

/** For so long a terminated instance is still listed. */
const LISTED_AFTER_END_MS = 3_600_000;

const USER_INITIATED = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};
const INSTANCE_INITIATED = {
  code: 'Client.InstanceInitiatedShutdown',
  message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
};

export interface InstancesOptions {
  readonly region: string;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** How long the next instance takes from its launch to its start. */
  bootDelayMs(): number;
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
  readonly #host: InstanceHost;
  readonly #logger: Logger;
  #launched = 0;
  #graceMs: number;
  #stopping = false;
  #ended = Promise.withResolvers<void>();

  constructor(options: InstancesOptions, host: InstanceHost, logger: Logger) {
    this.#options = options;
    this.#graceMs = options.graceMs;
    this.#host = host;
    this.#logger = logger;
  }

  /** In the order of their launch, those terminated within the last hour included. */
  all(): Instance[] {
    const oldestMs = Date.now() - LISTED_AFTER_END_MS;
    for (const [id, { terminatedAtMs }] of this.#instances) {
      if (terminatedAtMs !== undefined && terminatedAtMs < oldestMs) this.#instances.delete(id);
    }
    return [...this.#instances.values()];
  }

  get(id: string): Instance {
    const instance = this.#instances.get(id);
    if (instance !== undefined) return instance;
    throw /^i-[0-9a-f]{17}$/.test(id)
      ? new ApiError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
      : new ApiError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
  }

  launch(spec: LaunchSpec, count: number, clientToken: string | undefined): Instance[] {
    if (this.#stopping) throw new ApiError('Unavailable', 'The server is shutting down.', 503);
    const reservationId = randomId('r');
    const subnet = this.#subnetFor(spec.subnetId);
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
        tags: { ...spec.tags },
        state: 'pending',
        stateReason: undefined,
        terminatedAtMs: undefined,
        spotNotice: undefined,
      };
      this.#instances.set(instance.id, instance);
      const boot = setTimeout(() => void this.#boot(instance), this.#options.bootDelayMs());
      this.#boots.set(instance.id, boot);
      return instance;
    });
  }

  /** Terminates an instance; one that is on its way there already stays on it. */
  terminate(instance: Instance): void {
    if (instance.state !== 'pending' && instance.state !== 'running') return;
    instance.state = 'shutting-down';
    instance.stateReason = USER_INITIATED;
    const machine = this.#machines.get(instance.id);
    if (machine !== undefined) machine.terminate(this.#graceMs);
    else if (this.#boots.has(instance.id)) {
      clearTimeout(this.#boots.get(instance.id));
      this.#boots.delete(instance.id);
      setImmediate(() => this.#end(instance));
    } // else it is just being started, and #boot will see that it must end
  }

  /** Terminates every instance, launches no more, and resolves when all have ended. */
  async terminateAll(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#graceMs = graceMs;
    for (const instance of this.#instances.values()) this.terminate(instance);
    for (const machine of this.#machines.values()) machine.terminate(graceMs);
    while (this.all().some(({ state }) => state !== 'terminated')) await this.#ended.promise;
  }

  async #boot(instance: Instance): Promise<void> {
    this.#boots.delete(instance.id);
    try {
      const machine = await this.#host.start(instance, () => this.#end(instance));
      this.#logger.info({ instanceId: instance.id }, 'instance runs');
      this.#machines.set(instance.id, machine);
      if (instance.state === 'pending') instance.state = 'running';
      else machine.terminate(this.#graceMs); // it was terminated while it was being started
    } catch (error) {
      this.#logger.error({ error, instanceId: instance.id }, 'instance could not be started');
      instance.stateReason = {
        code: 'Server.InternalError',
        message: 'Server.InternalError: Internal error on launch',
      };
      this.#end(instance);
    }
  }

  #end(instance: Instance): void {
    this.#machines.delete(instance.id);
    instance.stateReason ??= INSTANCE_INITIATED;
    instance.state = 'terminated';
    instance.terminatedAtMs = Date.now();
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
