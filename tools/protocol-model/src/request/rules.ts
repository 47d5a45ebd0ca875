/** The rules of the request protocol, one switch each. Without any one of them something breaks. */
export const REQUEST_RULES = {
  acceptedWhenAcknowledged: 'P1: a request is called accepted when the queue has acknowledged it',
  writeOnce: 'P2: the first terminal result stands',
  storeBeforeReply: 'P3: the result is stored before it is replied',
  storeBeforeDelete: 'P3: the result is stored before the message is deleted',
  lookFirst: 'P4 (a): from the second receive on, the worker looks into the store first',
  recordStarts: 'P4 (b): from the second receive on, starts are recorded, three at most',
  compareAndSet: 'P4 (b): the record is changed by compare-and-set',
  nonce: 'P4 (b): a record written again does not count twice',
  alone: 'P4 (c): from the second receive on, the worker works on that image alone',
  waitForLastStart: 'P4: exhausted only when the last recorded start is surely over',
  outageIsNoAttempt: 'P5: a store that cannot be reached is no attempt',
  givenBackIsNoAttempt: 'P5: a start given back on purpose is removed from the record',
  cutHungInference: 'P5: inference that hangs is cut',
  keepInvisible: 'P6: visibility is extended while the worker works',
  noStartAfterLapse: 'P6: a worker whose visibility has lapsed does not start',
  markResent: 'P7: every send after the first is marked',
  noHiddenRetry: 'P7: the SDK does not send again by itself',
  deadLetterWatch: 'P8: dead letters are answered for',
  resendStartsLeft: 'P8: a dead letter with starts left is sent again',
  sendBeforeDelete: 'P8: a dead letter is deleted after it was sent again',
  missingImageIsTerminal: 'P9: a missing image is terminal',
  claimOnce: 'P10: the idempotency record is put once',
  imageBeforeSend: 'P10: the image is stored before the message is sent',
  waiterLooks: 'P11: a waiter without a reply looks into the store',
} as const;

export type RequestRule = keyof typeof REQUEST_RULES;
