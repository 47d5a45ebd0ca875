import { change, type FleetBounds, type FleetState, type Scaler } from './state.ts';

const START_MS = 10_000_000;

/** A scaler in a state, with what its steps share. */
export class ActingScaler {
  readonly state: FleetState;
  readonly bounds: FleetBounds;
  readonly index: number;
  readonly scaler: Scaler;
  readonly name: string;
  /** Its wall clock, which does not advance: effects of time are separate steps. */
  readonly now: number;

  constructor(state: FleetState, index: number, bounds: FleetBounds) {
    const scaler = state.scalers[index];
    if (scaler === undefined) throw new Error(`unknown scaler ${index}`);
    this.state = state;
    this.bounds = bounds;
    this.index = index;
    this.scaler = scaler;
    this.name = 'AB'[index] ?? '?';
    this.now = START_MS + (index === 0 ? (bounds.clockAheadMs ?? 0) : 0);
  }

  get leads(): boolean {
    return this.scaler.up && this.scaler.lease.role === 'leader';
  }

  /** The same scaler in another state. */
  in(state: FleetState): ActingScaler {
    return new ActingScaler(state, this.index, this.bounds);
  }

  /** The state with this scaler changed. */
  become(changes: Partial<Scaler>, from = this.state): FleetState {
    const scaler = { ...(from.scalers[this.index] ?? this.scaler), ...changes };
    return change(from, { scalers: from.scalers.with(this.index, scaler) });
  }
}

export const scalersIn = (state: FleetState, bounds: FleetBounds): ActingScaler[] =>
  state.scalers.map((_, index) => new ActingScaler(state, index, bounds));
