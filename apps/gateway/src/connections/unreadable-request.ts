import { refuse, type Refusal } from '../http/problem.ts';

/** An error of Node's HTTP server or its parser (https://nodejs.org/api/errors.html). */
interface HttpError {
  code: string;
  /** The parser's explanation. */
  reason?: string;
}

/** The refusal of a request that cannot be parsed; undefined if the connection is broken and no client can read one. */
export function unreadableRefusal({ code, reason }: HttpError): Refusal | undefined {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refuse(
        'headers-too-large',
        'The request line and headers are larger than 16 KB. Send fewer or shorter headers.',
      );
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refuse(
        'payload-too-large',
        'The chunk extensions are larger than 16 KB. Send chunks without extensions.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse(
        'request-timeout',
        'The request did not arrive in time. Send it again, over a faster connection or as a smaller file.',
      );
    case 'HPE_PAUSED_H2_UPGRADE':
      return refuse('malformed-request', 'HTTP/2 without TLS is not supported. Send HTTP/1.1.');
    case 'HPE_INVALID_EOF_STATE':
      return refuse(
        'malformed-request',
        'The client closed the connection before the request was complete. Send all of it.',
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

/** The refusal of a broken body whose client may still read a response. */
export function bodyFault(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return;
  return error.code === 'HPE_INVALID_EOF_STATE' ? undefined : unreadableRefusal(error as never);
}
