/** EC2 tag keys. In instance metadata a key may hold letters, digits and `+ - = . , _ : @`. */
export const WORKER_TAGS = {
  /** FLEET_NAME of the scaler that launched it. */
  fleet: 'labelfleet:fleet',
  /** Client token of the RunInstances call that launched it. */
  launch: 'labelfleet:launch',
  /** Id of the newest instruction to drain. */
  drain: 'labelfleet:drain',
  /** Id of the newest instruction to go back to work. */
  resume: 'labelfleet:resume',
} as const;

/** What the scaler tells a worker: stop receiving and finish, or go back to work (F4). */
export type Instruction = { kind: 'drain' | 'resume'; id: string };

/**
 * An instruction id: `<sequence>-<nonce>`. The sequence grows with every instruction to an instance, so the
 * newest of its tags is known from the tags alone.
 * @param previousId the instance's current instruction id, where there is one
 * @param unixMs the time; the sequence is never below it, so that a new scaler's ids come after an old one's
 */
export function makeInstructionId(
  previousId: string | undefined,
  unixMs: number,
  nonce: string,
): string {
  const previous = previousId === undefined ? 0 : instructionSequence(previousId);
  return `${Math.max(previous + 1, unixMs)}-${nonce}`;
}

/** The newest instruction among an instance's tags; undefined where it has none. */
export function newestInstruction(tags: Readonly<Record<string, string>>): Instruction | undefined {
  const instructions = (['drain', 'resume'] as const).flatMap((kind): Instruction[] => {
    const id = tags[WORKER_TAGS[kind]];
    return id === undefined ? [] : [{ kind, id }];
  });
  return instructions.sort((a, b) => instructionSequence(b.id) - instructionSequence(a.id))[0];
}

/**
 * Whether an instruction came after the one that is followed. What is not newer is never followed: a call that
 * was made long ago may still put an old instruction in the place of a newer one (F4).
 * @param thanId id of the one that is followed; undefined: none yet
 */
export const isNewer = ({ id }: Instruction, thanId: string | undefined): boolean =>
  thanId === undefined || instructionSequence(id) > instructionSequence(thanId);

function instructionSequence(id: string): number {
  return Number.parseInt(id, 10) || 0;
}
