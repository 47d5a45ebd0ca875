/** The rules, by name. */
export type Rule =
  /** Every accepted request gets a result, and every offer an answer. */
  | 'nothing is lost'
  /** One offer is one request with one result. */
  | 'nothing is doubled'
  | 'no result without a request'
  /** Every answer about a request equals its stored result. */
  | 'answers agree with what is stored'
  | 'answers are right'
  | 'at most four attempts'
  | 'exhausted only after three killed attempts'
  | 'never more instances than max'
  | 'no busy worker is stopped by scale-in'
  | 'nothing is left running'
  /** No process ends unless the run killed or stopped it. */
  | 'no process fails without a kill';

/** A broken rule. */
export interface Finding {
  rule: Rule;
  /** Request id, offer, instance id or process name, by which the history can be searched. */
  subject: string;
  what: string;
}
