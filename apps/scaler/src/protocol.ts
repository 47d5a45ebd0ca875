/**
 * The pure functions of the fleet protocol, for the model checker (tools/verification/protocol-model), and the
 * functions that the simulator shares with the scaler (tools/verification/fleet-sim).
 */
export {
  NOTHING_KNOWN,
  takeHeartbeat,
  type FleetKnowledge,
  type Heartbeat,
} from './observe/fleet-knowledge.ts';
export { EMPTY_MEMORY } from './memory/fleet-memory.ts';
export { instructionSet, instructionsDue } from './memory/instructions.ts';
export {
  intend,
  lateIntents,
  lateIntentToSend,
  launchAnswered,
  maySend,
  sendAgain,
  unansweredIntent,
  type LaunchAnswer,
} from './memory/launch-intents.ts';
export { takeReceive } from './observe/listening-clock.ts';
export {
  leaseTimes,
  mayLead,
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
  NO_LAUNCH_FAILURES,
  type LaunchFailures,
} from './launch/launch-places.ts';
export { planInstructions } from './memory/plan-instructions.ts';
export { interpret } from './observe/interpret.ts';
export { viewWorker } from './observe/view-fleet.ts';
