import { reduce } from './reduce.ts';
import { INITIAL, type Event, type State } from './state.ts';

/** Holds the state. Listeners get every change, with the state before it. */
export class Store {
  #state: State = INITIAL;
  readonly #listeners: ((state: State, before: State) => void)[] = [];

  get state(): State {
    return this.#state;
  }

  dispatch = (event: Event): void => {
    const before = this.#state;
    this.#state = reduce(before, event);
    if (this.#state !== before)
      for (const listener of this.#listeners) listener(this.#state, before);
  };

  listen(listener: (state: State, before: State) => void): void {
    this.#listeners.push(listener);
  }
}
