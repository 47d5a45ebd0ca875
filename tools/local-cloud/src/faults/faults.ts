import * as z from 'zod';

/** What goes wrong on purpose. */
const faults = z.strictObject({
  /** From RunInstances to the start of an instance's process. */
  bootSeconds: z.number().min(0).max(3600),
});

export type FaultSettings = z.output<typeof faults>;

/** The faults that are in force now; they can be changed while the server runs. */
export class Faults {
  #settings: FaultSettings;

  constructor(settings: FaultSettings) {
    this.#settings = settings;
  }

  get settings(): FaultSettings {
    return this.#settings;
  }

  bootDelayMs(): number {
    return this.#settings.bootSeconds * 1000;
  }

  /** Changes what is named and leaves the rest. @returns what is wrong with it, else undefined */
  change(changes: unknown): string | undefined {
    const parsed = faults.partial().safeParse(changes);
    if (!parsed.success) return z.prettifyError(parsed.error);
    this.#settings = { bootSeconds: parsed.data.bootSeconds ?? this.#settings.bootSeconds };
    return undefined;
  }
}
