import { sleep } from '@labelfleet/runtime';
import type { Random } from '@labelfleet/testkit/random';
import { sendSignal } from '@labelfleet/testkit/send-signal';
import { accessKeyOf, workerPid } from '@labelfleet/testkit/worker-processes';
import type { HowKilled } from '../history/event.ts';
import type { History } from '../history/history.ts';
import type { Step } from '../plan/steps.ts';
import type { ManagedProcess } from '../stack/managed-process.ts';
import type { FleetWatch } from '../watch/fleet-watch.ts';

/** A running process that can be killed or stalled. */
export interface Victim {
  role: Step['role'];
  name: string;
  pid: number;
  /** SIGKILL; gateways and scalers are started again a moment later. @returns false if it had ended */
  kill(how: HowKilled): Promise<boolean>;
}

/** The longest time from a kill to the restart. */
const MAX_RESTART_MS = { gateway: 800, scaler: 1500 };

interface VictimsDeps {
  gateways: readonly ManagedProcess[];
  scalers: readonly ManagedProcess[];
  fleet: Pick<FleetWatch, 'living'>;
  /** The local cloud's data folder. */
  cloudDir: string;
  history: Pick<History, 'note'>;
  random: Random;
}

/** Finds processes of the product to kill or stall. */
export class Victims {
  readonly #deps: VictimsDeps;
  readonly #restarts = new Set<Promise<void>>();
  #restarting = true;

  constructor(deps: VictimsDeps) {
    this.#deps = deps;
  }

  /** A random one of those that run. */
  async anyOf(role: Step['role']): Promise<Victim | undefined> {
    const { fleet, random } = this.#deps;
    const names =
      role === 'worker'
        ? fleet.living.filter(({ state }) => state === 'running').map(({ id }) => id)
        : this.#managed(role)
            .filter(({ ready }) => ready)
            .map(({ name }) => name);
    const [first, ...others] = names;
    return first === undefined ? undefined : this.#victim(role, random.pick([first, ...others]));
  }

  /** The process with this access key. */
  async byCaller(role: Step['role'], caller: string): Promise<Victim | undefined> {
    if (role !== 'worker') return this.#victim(role, caller);
    const instance = this.#deps.fleet.living.find(({ id }) => accessKeyOf(id) === caller);
    return instance && this.#worker(instance.id);
  }

  /** Resolves when all killed processes run again; no process may be killed after the call. */
  async settle(): Promise<void> {
    this.#restarting = false;
    await Promise.all(this.#restarts);
  }

  #managed = (role: 'gateway' | 'scaler') =>
    role === 'gateway' ? this.#deps.gateways : this.#deps.scalers;

  async #victim(role: Step['role'], name: string): Promise<Victim | undefined> {
    if (role === 'worker') return this.#worker(name);
    const managed = this.#managed(role).find((each) => each.name === name);
    if (managed?.pid === undefined) return undefined;
    const kill = async (how: HowKilled) => {
      if (!(await managed.kill(how))) return false;
      this.#restart(managed, this.#deps.random.below(MAX_RESTART_MS[role]));
      return true;
    };
    return { role, name, pid: managed.pid, kill };
  }

  #restart(managed: ManagedProcess, afterMs: number): void {
    const restart = sleep(this.#restarting ? afterMs : 0)
      .then(() => managed.start())
      .finally(() => this.#restarts.delete(restart));
    this.#restarts.add(restart);
  }

  async #worker(name: string): Promise<Victim | undefined> {
    const { cloudDir, history } = this.#deps;
    const pid = await workerPid(cloudDir, name);
    if (pid === undefined) return undefined;
    const kill = async (how: HowKilled) => {
      // The worker may have ended meanwhile, and its pid may be reused.
      if ((await workerPid(cloudDir, name)) !== pid || !sendSignal(pid, 'SIGKILL')) return false;
      history.note({ kind: 'killed', role: 'worker', name, pid, ...how });
      return true;
    };
    return { role: 'worker', name, pid, kill };
  }
}
