import type { InstanceFaults } from './instance-faults.ts';
import type { Instance } from './instance.ts';
import type { KnownInstances } from './known-instances.ts';

/** Spot, which takes running instances back after a notice. */
export class Spot {
  readonly #faults: Pick<InstanceFaults, 'spotNotice'>;
  readonly #known: KnownInstances;
  readonly #terminate: (instance: Instance) => void;

  /** @param terminate called when a notice has run out */
  constructor(
    faults: Pick<InstanceFaults, 'spotNotice'>,
    known: KnownInstances,
    terminate: (instance: Instance) => void,
  ) {
    this.#faults = faults;
    this.#known = known;
    this.#terminate = terminate;
  }

  /** Gives a running instance the notice that Spot takes it back, and terminates it when that has run out. */
  takeBack(instance: Instance, noticeMs: number): void {
    if (instance.state !== 'running' || instance.spotNotice !== undefined) return;
    instance.spotNotice = { action: 'terminate', atMs: Date.now() + noticeMs };
    this.#known.save(instance);
    this.endAtNotice(instance);
  }

  /** Terminates an instance at the time its notice names, if it has got one. */
  endAtNotice(instance: Instance): void {
    if (instance.spotNotice === undefined) return;
    const leftMs = Math.max(0, instance.spotNotice.atMs - Date.now());
    setTimeout(() => this.#terminate(instance), leftMs).unref();
  }

  /**
   * Lets a running instance meet the faults that take it back.
   * @param fault only this one
   */
  meet(instance: Instance, fault?: string): void {
    const notice = this.#faults.spotNotice(instance, fault);
    if (notice === undefined) return;
    setTimeout(() => this.takeBack(instance, notice.noticeMs), notice.afterMs).unref();
  }
}
