/**
 * The pure functions that the fleet protocol is made of, for the model that explores it (tools/protocol-model), and
 * what the simulator has in common with the scaler (tools/fleet-sim).
 */
export { NOTHING_KNOWN, takeReport, type FleetKnowledge, type Report } from './fleet-knowledge.ts';
export {
  EMPTY_MEMORY,
  instructionSet,
  instructionsDue,
  intend,
  lateIntents,
  lateIntentToSend,
  launchAnswered,
  maySend,
  sendAgain,
  unansweredIntent,
  type LaunchAnswer,
} from './fleet-memory.ts';
export { takeReceive } from './hearing.ts';
export {
  leaseTimes,
  mayAct,
  STANDBY,
  stepLease,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
  type StoredLease,
} from './lease.ts';
export { judgeDeadLetter, type DeadLetterVerdict } from './judge-dead-letter.ts';
export {
  afterLaunch,
  allPlaces,
  choosePlace,
  NO_TROUBLE,
  type LaunchTrouble,
} from './launch-places.ts';
export { planInstructions } from './plan-instructions.ts';
export { understand } from './understand.ts';
