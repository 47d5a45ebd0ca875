import {
  afterLaunch,
  allPlaces,
  choosePlace,
  NO_LAUNCH_FAILURES,
  viewWorker,
} from '@labelfleet/scaler/protocol';
import {
  decide,
  expectBoot,
  initialMemory,
  type Decided,
  type Decision,
  type ActiveJob,
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
import { launchTime, Reports, workerId } from './reports.ts';

/** The world has one subnet, one type of instances and one market. */
const PLACES = allPlaces({
  instanceTypes: undefined,
  subnetIds: undefined,
  markets: ['on-demand'],
});

const LOOK_SECONDS = 10;

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
  return {
    name: options.name ?? policy,
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
      const scaler = new SimulatedScaler(world, new Random(seed, 'scaler'));
      let memory = initialMemory;
      return () => {
        const now = world.now * 1000;
        const inputs: TickInputs = { now, settings, memory, observation: scaler.observe() };
        const decided = decide(inputs.observation, memory, settings, now);
        options.onTick?.(inputs, decided);
        memory = decided.memory;
        scaler.act(decided.decision);
      };
    },
  };
}

/** What the scaler observes and does around its decisions. */
class SimulatedScaler {
  readonly #world: World;
  readonly #random: Random;
  readonly #reports: Reports;
  /** What the last look at jobs found, when the next is, and how many jobs had been created. */
  #looked: { jobs: readonly ActiveJob[]; nextAt: number; arrived: number } = {
    jobs: [],
    nextAt: 0,
    arrived: 0,
  };
  #launchFailures = NO_LAUNCH_FAILURES;
  /** Instances of a launch without an answer, which is repeated and counted as open. */
  #unanswered = 0;
  #nextInstruction = 1;
  readonly #instructions = new Map<Worker, Instruction & { set: boolean }>();
  /** Workers to terminate; a failed call is repeated. */
  readonly #terminates = new Set<Worker>();

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#reports = new Reports(world);
  }

  observe(): Observation {
    this.#reports.receive(this.#world.now);
    const { learned, completed } = this.#reports;
    const { visible, inFlight } = this.#world.counts();
    const backlog = this.#read(() => ({ visible, inFlight, delayed: 0 }));
    const fleet = this.#read(() => this.#view());
    return { backlog, fleet, learned, completed, ...this.#lookAtJobs() };
  }

  /** As the scaler: when a job was created, and every 10 s while one is active. */
  #lookAtJobs(): Pick<Observation, 'jobs'> {
    const { jobs, now } = this.#world;
    if (jobs === undefined) return {};
    if (now >= this.#looked.nextAt || jobs.arrived > this.#looked.arrived) {
      const active = jobs.active();
      const nextAt = now + (active.length > 0 ? LOOK_SECONDS : Infinity);
      this.#looked = { jobs: active, nextAt, arrived: jobs.arrived };
    }
    return { jobs: { kind: 'known', value: this.#looked.jobs } };
  }

  #read<T>(read: () => T) {
    return this.#world.ec2.readFails()
      ? ({ kind: 'unknown', reason: 'the call failed' } as const)
      : ({ kind: 'known', value: read() } as const);
  }

  #view(): FleetView {
    const { living, ending, now, settings } = this.#world;
    const { listingLagSeconds } = settings.api;
    const { newest, learned } = this.#reports;
    const listed = living.filter(({ launchedAt }) => launchedAt + listingLagSeconds <= now);
    for (const worker of listed) {
      // It has sent no heartbeat for much longer than boots take.
      const listedFor = now - worker.launchedAt - listingLagSeconds;
      if (!newest.has(worker.index) && listedFor >= expectBoot(learned).lost)
        this.#terminates.add(worker);
    }
    return {
      workers: [...listed, ...ending].map((worker) => {
        const instruction = this.#instructions.get(worker);
        return viewWorker(
          {
            ...{ instanceType: '', subnetId: '', market: 'on-demand', tags: {} },
            instanceId: workerId(worker),
            state: worker.state === 'ended' ? 'stopping' : 'running',
            launchedAt: launchTime(worker),
          },
          newest.get(worker.index),
          instruction && { ...instruction, setAtMs: null },
          this.#terminates.has(worker),
          // The scaler of a run has listened since before the first launch.
          -Infinity,
        );
      }),
      openLaunches: living.length - listed.length + this.#unanswered,
    };
  }

  act({ resume, drain, terminate, launch }: Decision): void {
    const byId = new Map(this.#world.living.map((worker) => [workerId(worker), worker]));
    const named = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
    for (const worker of named(resume)) this.#instruct(worker, 'resume');
    for (const worker of named(drain)) this.#instruct(worker, 'drain');
    for (const worker of named(terminate)) this.#terminates.add(worker);
    this.#setTags();
    this.#launch(launch);
    for (const worker of this.#terminates)
      if (worker.state === 'ended' || this.#world.terminate(worker))
        this.#terminates.delete(worker);
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
}
