/**
 * The pure functions that the fleet protocol is made of, for the model that explores it (tools/verification/protocol-model), and
 * what the simulator has in common with the scaler (tools/verification/fleet-sim).
 */
export {
  NOTHING_KNOWN,
  takeReport,
  type FleetKnowledge,
  type Report,
} from './observe/fleet-knowledge.ts';
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
} from './memory/fleet-memory.ts';
export { takeReceive } from './observe/hearing.ts';
export {
  leaseTimes,
  mayAct,
  STANDBY,
  stepLease,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
  type StoredLease,
} from './lease/lease.ts';
export { judgeDeadLetter, type DeadLetterVerdict } from './dead-letters/judge-dead-letter.ts';
export {
  afterLaunch,
  allPlaces,
  choosePlace,
  NO_TROUBLE,
  type LaunchTrouble,
} from './launch/launch-places.ts';
export { planInstructions } from './memory/plan-instructions.ts';
export { understand } from './observe/understand.ts';
export { viewWorker } from './observe/view-fleet.ts';
