import { refuse, type Refusal } from '../http/problem.ts';

/** An error of Node's HTTP server or its parser (https://nodejs.org/api/errors.html). */
interface HttpError {
  code: string;
  /** In words, from the parser. */
  reason?: string;
}

/** Why a request cannot be read; undefined where nobody is left to be told, as the connection is broken. */
export function unreadableRefusal({ code, reason }: HttpError): Refusal | undefined {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refuse(
        'headers-too-large',
        'The request line and headers have more than 16 KB. Send fewer or shorter ones.',
      );
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refuse(
        'payload-too-large',
        'The chunk extensions have more than 16 KB. Send chunks without extensions.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse(
        'request-timeout',
        'The request did not come in full in time. Send it again, over a faster connection or smaller.',
      );
    case 'HPE_PAUSED_H2_UPGRADE':
      return refuse('malformed-request', 'HTTP/2 is not served without TLS. Send HTTP/1.1.');
    case 'HPE_INVALID_EOF_STATE':
      return refuse(
        'malformed-request',
        'The connection was closed by the client before the request was complete. Send all of it.',
      );
    default:
      return code.startsWith('HPE_')
        ? refuse(
            'malformed-request',
            `The request is not valid HTTP/1.1: ${reason ?? code}. Send it as RFC 9112 describes.`,
          )
        : undefined;
  }
}

/** Why a body cannot be read on, where its client may still be there to be told. */
export function bodyFault(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return;
  return error.code === 'HPE_INVALID_EOF_STATE' ? undefined : unreadableRefusal(error as never);
}
