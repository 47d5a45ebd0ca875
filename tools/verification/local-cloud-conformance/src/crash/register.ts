import { Violation } from './history.ts';

/**
 * What one writer has written to one place, a value after the other. A write whose answer was lost may be
 * there or not, until a read tells.
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
      throw new Violation(this.subject, `is ${short(value)}, and should be ${possible}`);
    }
    this.#possible = new Set([value]);
  }
}

const short = (value: string) => (value.length > 60 ? `${value.slice(0, 60)}…` : value);
