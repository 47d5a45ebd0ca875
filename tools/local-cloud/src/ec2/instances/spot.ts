import type { InstanceFaults } from './instance-faults.ts';
import type { Instance } from './instance.ts';
import type { KnownInstances } from './known-instances.ts';

/** Simulates Spot interruptions, which terminate running instances after a notice. */
export class Spot {
  readonly #faults: Pick<InstanceFaults, 'spotNotice'>;
  readonly #known: KnownInstances;
  readonly #terminate: (instance: Instance) => void;

  /** @param terminate called at the end of a notice */
  constructor(
    faults: Pick<InstanceFaults, 'spotNotice'>,
    known: KnownInstances,
    terminate: (instance: Instance) => void,
  ) {
    this.#faults = faults;
    this.#known = known;
    this.#terminate = terminate;
  }

  /** Gives a running instance an interruption notice, and terminates it at the end of the notice. */
  interrupt(instance: Instance, noticeMs: number): void {
    if (instance.state !== 'running' || instance.spotNotice !== undefined) return;
    instance.spotNotice = { action: 'terminate', atMs: Date.now() + noticeMs };
    this.#known.save(instance);
    this.endAtNotice(instance);
  }

  /** Terminates an instance at the time that its notice names, if it has one. */
  endAtNotice(instance: Instance): void {
    if (instance.spotNotice === undefined) return;
    const leftMs = Math.max(0, instance.spotNotice.atMs - Date.now());
    setTimeout(() => this.#terminate(instance), leftMs).unref();
  }

  /**
   * Applies interruption faults to a running instance.
   * @param fault the id of the only fault to apply
   */
  applyFaults(instance: Instance, fault?: string): void {
    const notice = this.#faults.spotNotice(instance, fault);
    if (notice === undefined) return;
    setTimeout(() => this.interrupt(instance, notice.noticeMs), notice.afterMs).unref();
  }
}
