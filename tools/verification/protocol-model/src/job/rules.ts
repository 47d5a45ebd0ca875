/** The rules of jobs, one switch each. Each omission causes a violation. */
export const JOB_RULES = {
  acceptedWhenSent: 'J1: a job is called accepted when the queue has acknowledged its plan message',
  markBeforeSend: 'J1: the active marker is put before the plan message is sent',
  pageOnce: 'J2: the first stored page stands',
  resendLastPage: 'J2: a redelivery sends the chunk messages of the last stored page again',
  markEmptyPage: 'J2: a page without images gets its marker at once',
  partOnce: 'J3: the first stored part stands',
  partBeforeDelete: 'J3: the part is stored before the message is deleted',
  foundPartCompletes: 'J3: a worker that finds the part completes page and job too',
  allParts: 'J4: a page is done when all its chunks have a part',
  countStoredParts: 'J4: the counts of a page are those of the stored parts',
  allMarkers: 'J5: a job is completed when all its pages are done',
  planCompletes: 'J5: whoever stores the plan completes the job too',
  notifyBeforeEnd: 'J5: the webhook message is sent before the active marker is deleted',
  recordAttempts: 'J6: from the second receive on, attempts are recorded, three at most',
  oneImageAtATime: 'J6: a recorded attempt names the image it is of',
  skipStopped: 'J7: a chunk of a stopped job gets a part that says what was skipped',
  stopEndsPlan: 'J7: the plan of a stopped job ends with the page it is at',
  repair: 'J8: the plan message of an active job is sent again when the queue stays empty',
  resendDeadLetters: 'J8: a dead letter is sent again',
} as const;

export type JobRule = keyof typeof JOB_RULES;
