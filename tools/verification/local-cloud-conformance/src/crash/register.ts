import { Violation } from './history.ts';

/**
 * The values that one writer wrote to one place, in order. A write without an answer may have had its effect or not,
 * until a read shows it.
 */
export class Register {
  readonly subject: string;
  #possible: ReadonlySet<string>;

  constructor(subject: string, initial: string) {
    this.subject = subject;
    this.#possible = new Set([initial]);
  }

  written(value: string, outcome: 'done' | 'unknown'): void {
    this.#possible = new Set(outcome === 'done' ? [value] : [...this.#possible, value]);
  }

  /** @throws Violation */
  read(value: string): void {
    if (!this.#possible.has(value)) {
      const possible = [...this.#possible].map(short).join(' or ');
      throw new Violation(this.subject, `is ${short(value)}, expected ${possible}`);
    }
    this.#possible = new Set([value]);
  }
}

const short = (value: string) => (value.length > 60 ? `${value.slice(0, 60)}…` : value);
