import { decodeJson, type Decoded } from '@labelfleet/contracts';
import * as z from 'zod';
import { decide, type Decided } from '../decide.ts';
import type { DecisionMemory } from '../decision-memory.ts';
import type { ScalingSettings } from '../decision.ts';
import type { Observation } from '../observation.ts';
import { observationSchema } from './observation-schema.ts';
import { memorySchema, settingsSchema } from './settings-schema.ts';

/** The inputs of a decision. */
export interface TickInputs {
  /** Milliseconds since the epoch. */
  now: number;
  settings: ScalingSettings;
  memory: DecisionMemory;
  observation: Observation;
}

const recordSchema = z.object({
  v: z.literal(3),
  now: z.number(),
  settings: settingsSchema,
  memory: memorySchema,
  observation: observationSchema,
  // Only compared as text, byte by byte.
  decided: z.record(z.string(), z.unknown()),
});

/** Encodes the inputs of a decision and the decision as one line, without its end. */
export function encodeTick(inputs: TickInputs, decided: Decided): string {
  const { now, settings, memory, observation } = inputs;
  return JSON.stringify({ v: 3, now, settings, memory, observation, decided: comparable(decided) });
}

export interface Replayed {
  inputs: TickInputs;
  /** The recorded and the repeated decision, as JSON; `same` if they are equal to the byte. */
  recorded: string;
  again: string;
  same: boolean;
  reason: string;
}

/** Repeats the decision of a recorded line. A malformed line, or one of another version, is returned as a value. */
export function replayTick(line: string): Decoded<Replayed> {
  const record = decodeJson(recordSchema, line);
  if (record.kind === 'malformed') return record;
  const { now, settings, memory, observation, decided } = record.value;
  const afresh = decide(observation, memory, settings, now);
  const recorded = JSON.stringify(decided);
  const again = JSON.stringify(comparable(afresh));
  return {
    kind: 'decoded',
    value: {
      inputs: { now, settings, memory, observation },
      recorded,
      again,
      same: recorded === again,
      reason: afresh.reason,
    },
  };
}

/** The new memory is left out, because the next tick's record has it. */
const comparable = ({ decision, reason, terms }: Decided) => ({ decision, reason, terms });
