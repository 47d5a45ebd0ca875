import {
  afterLaunch,
  allPlaces,
  choosePlace,
  NO_LAUNCH_FAILURES,
} from '@labelfleet/scaler/protocol';
import {
  decide,
  expectBoot,
  initialMemory,
  type Decided,
  type Decision,
  type FleetView,
  type Observation,
  type PolicyName,
  type ScalingSettings,
  type TickInputs,
} from '@labelfleet/scaling';
import { Random } from '@labelfleet/testkit/random';
import type { Policy } from '../engine/simulate.ts';
import type { Instruction, Worker } from '../engine/worker.ts';
import type { World } from '../engine/world.ts';
import { Reports } from './reports.ts';
import { viewWorker, workerId } from './view-worker.ts';

/** The world has one subnet, one type of instances and one market. */
const PLACES = allPlaces({
  instanceTypes: undefined,
  subnetIds: undefined,
  markets: ['on-demand'],
});

/** Changes to the product's scaler. */
export interface ProductOptions {
  settings?: Partial<ScalingSettings>;
  /** Default: the name of the policy. */
  name?: string;
  /** Called at every tick with the inputs and the decision. */
  onTick?: (inputs: TickInputs, decided: Decided) => void;
}

/** The product's scaler: its own decision code with simulated observations and actions. */
export function productPolicy(policy: PolicyName, options: ProductOptions = {}): Policy {
  const { name = policy, onTick } = options;
  return {
    name,
    start(world, { seed }) {
      const { minWorkers, maxWorkers, targetWaitSeconds } = world.settings;
      const settings: ScalingSettings = {
        policy,
        minWorkers,
        maxWorkers,
        targetWaitSeconds,
        imagesPerWorker: 5,
        idleBeforeReleaseSeconds: undefined,
        ...options.settings,
      };
      const scaler = new ProductScaler(world, settings, new Random(seed, 'scaler'), onTick);
      return () => scaler.tick();
    },
  };
}

class ProductScaler {
  readonly #world: World;
  readonly #settings: ScalingSettings;
  readonly #random: Random;
  readonly #reports: Reports;
  readonly #onTick: ProductOptions['onTick'];
  #memory = initialMemory;
  #launchFailures = NO_LAUNCH_FAILURES;
  /** Instances of a launch without an answer, which is repeated and counted as open. */
  #unanswered = 0;
  #nextInstruction = 1;
  readonly #instructions = new Map<Worker, Instruction & { set: boolean }>();
  /** Workers to terminate; a failed call is repeated. */
  readonly #terminates = new Set<Worker>();

  constructor(
    world: World,
    settings: ScalingSettings,
    random: Random,
    onTick: ProductOptions['onTick'],
  ) {
    this.#world = world;
    this.#settings = settings;
    this.#random = random;
    this.#reports = new Reports(world);
    this.#onTick = onTick;
  }

  tick(): void {
    const { now } = this.#world;
    this.#reports.receive(now);
    const inputs: TickInputs = {
      now: now * 1000,
      settings: this.#settings,
      memory: this.#memory,
      observation: this.#observe(),
    };
    const decided = decide(inputs.observation, inputs.memory, inputs.settings, inputs.now);
    this.#onTick?.(inputs, decided);
    this.#memory = decided.memory;
    this.#act(decided.decision);
  }

  #observe(): Observation {
    const { ec2 } = this.#world;
    const { learned, completed } = this.#reports;
    const failed = { kind: 'unknown', reason: 'the call failed' } as const;
    const { visible, inFlight } = this.#world.counts();
    const backlog = ec2.readFails()
      ? failed
      : ({ kind: 'known', value: { visible, inFlight, delayed: 0 } } as const);
    const fleet = ec2.readFails() ? failed : ({ kind: 'known', value: this.#view() } as const);
    return { backlog, fleet, learned, completed };
  }

  #view(): FleetView {
    const { living, ending, now, settings } = this.#world;
    const listed = living.filter(
      ({ launchedAt }) => launchedAt + settings.api.listingLagSeconds <= now,
    );
    for (const worker of listed) if (this.#isLost(worker)) this.#terminates.add(worker);
    const { newest } = this.#reports;
    return {
      workers: [...listed, ...ending].map((worker) =>
        viewWorker(
          worker,
          newest.get(worker.index),
          this.#instructions.get(worker),
          this.#terminates.has(worker),
        ),
      ),
      openLaunches: living.length - listed.length + this.#unanswered,
    };
  }

  /** True if a worker has sent no heartbeat for much longer than boots take. */
  #isLost(worker: Worker): boolean {
    if (this.#reports.newest.has(worker.index)) return false;
    const { now, settings } = this.#world;
    const listedFor = now - worker.launchedAt - settings.api.listingLagSeconds;
    return listedFor >= expectBoot(this.#reports.learned).lost;
  }

  #act(decision: Decision): void {
    const byId = new Map(this.#world.living.map((worker) => [workerId(worker), worker]));
    const each = (ids: readonly string[], act: (worker: Worker) => void) => {
      for (const id of ids) {
        const worker = byId.get(id);
        if (worker !== undefined) act(worker);
      }
    };
    each(decision.resume, (worker) => this.#instruct(worker, 'resume'));
    each(decision.drain, (worker) => this.#instruct(worker, 'drain'));
    each(decision.terminate, (worker) => this.#terminates.add(worker));
    this.#setTags();
    this.#launch(decision.launch);
    this.#terminate();
  }

  #instruct(worker: Worker, kind: Instruction['kind']): void {
    this.#instructions.set(worker, { kind, id: String(this.#nextInstruction++), set: false });
  }

  #setTags(): void {
    for (const [worker, instruction] of this.#instructions) {
      if (worker.state === 'ended') this.#instructions.delete(worker);
      else if (!instruction.set) instruction.set = this.#world.instruct(worker, instruction);
    }
  }

  #launch(wanted: number): void {
    const now = this.#world.now * 1000;
    const place = choosePlace(PLACES, this.#launchFailures, now);
    const count = this.#unanswered > 0 ? this.#unanswered : wanted;
    if (count === 0 || place === undefined) return;
    const { kind } = this.#world.launch(count);
    this.#unanswered = kind === 'failed' ? count : 0;
    const random = this.#random.next();
    this.#launchFailures = afterLaunch(this.#launchFailures, PLACES, place, kind, now, random);
  }

  #terminate(): void {
    for (const worker of this.#terminates)
      if (worker.state === 'ended' || this.#world.terminate(worker))
        this.#terminates.delete(worker);
  }
}
