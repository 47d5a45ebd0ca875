/** What was promised, by name. */
export type Promised =
  /** Every accepted request gets a result, and every offer an answer. */
  | 'nothing is lost'
  /** One offer is one request with one result. */
  | 'nothing is doubled'
  | 'no result without a request'
  /** An answer tells what is stored, whoever asks and whenever. */
  | 'answers agree with what is stored'
  | 'answers are right'
  | 'at most four attempts'
  | 'exhausted only after three killed attempts'
  | 'never more instances than max'
  | 'no busy worker is stopped by scale-in'
  | 'nothing is left running'
  /** No process ends without being killed or asked to. */
  | 'nothing breaks by itself';

/** A promise that was not kept. */
export interface Finding {
  promised: Promised;
  /** Request id, offer, instance id or process: what to look for in the history. */
  subject: string;
  what: string;
}
