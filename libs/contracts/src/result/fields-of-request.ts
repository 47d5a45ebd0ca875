import type { RequestMessage } from '../request/request-message.ts';

export type RequestOfResult = Pick<
  RequestMessage,
  'requestId' | 'fileName' | 'caller' | 'submittedAt'
>;

/** The fields that every result takes from its request. */
export const fieldsOfRequest = ({ requestId, fileName, caller, submittedAt }: RequestOfResult) => ({
  v: 1 as const,
  id: requestId,
  ...(fileName !== undefined && { fileName }),
  ...(caller !== undefined && { caller }),
  submittedAt,
});
