/** EC2 tag keys. In instance metadata a key may hold letters, digits and `+ - = . , _ : @`. */
export const WORKER_TAGS = {
  /** FLEET_NAME of the scaler that launched the instance. */
  fleet: 'labelfleet:fleet',
  /** Client token of the RunInstances call that launched the instance. */
  launch: 'labelfleet:launch',
  /** Id of the newest `drain` instruction. */
  drain: 'labelfleet:drain',
  /** Id of the newest `resume` instruction. */
  resume: 'labelfleet:resume',
} as const;

/** An instruction to a worker: finish and stop receiving (`drain`), or receive again (`resume`) (F4). */
export type Instruction = { kind: 'drain' | 'resume'; id: string };

/**
 * Makes an instruction id: `<sequence>-<nonce>`. The sequence increases with every instruction to an instance, so
 * the tags alone show which one is the newest.
 * @param previousId the current instruction id of the instance, if any
 * @param unixMs the time; the sequence is at least this, so that ids of a new scaler follow those of an old one
 */
export function makeInstructionId(
  previousId: string | undefined,
  unixMs: number,
  nonce: string,
): string {
  const previous = previousId === undefined ? 0 : instructionSequence(previousId);
  return `${Math.max(previous + 1, unixMs)}-${nonce}`;
}

/** The newest instruction in the tags of an instance; undefined if it has none. */
export function newestInstruction(tags: Readonly<Record<string, string>>): Instruction | undefined {
  const instructions = (['drain', 'resume'] as const).flatMap((kind): Instruction[] => {
    const id = tags[WORKER_TAGS[kind]];
    return id === undefined ? [] : [{ kind, id }];
  });
  return instructions.sort((a, b) => instructionSequence(b.id) - instructionSequence(a.id))[0];
}

/**
 * Whether an instruction is newer than the one that a worker follows. A worker follows only newer ones, because a
 * delayed call can overwrite a newer instruction with an older one (F4).
 * @param thanId id of the instruction that the worker follows; undefined: none yet
 */
export const isNewer = ({ id }: Instruction, thanId: string | undefined): boolean =>
  thanId === undefined || instructionSequence(id) > instructionSequence(thanId);

function instructionSequence(id: string): number {
  return Number.parseInt(id, 10) || 0;
}
