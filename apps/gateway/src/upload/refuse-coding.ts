import { refuse, type Refusal } from '../http/problem.ts';

/** Refuses a body that comes encoded: images are compressed already, and nothing is decoded here. */
export function refuseCoding({
  contentEncoding,
  transferEncoding,
}: {
  contentEncoding: string | undefined;
  transferEncoding: string | undefined;
}): Refusal | undefined {
  const content = codings(contentEncoding, 'identity');
  if (content !== undefined) {
    // RFC 9110, section 15.5.16, asks for Accept-Encoding in the answer.
    return refuse(
      'unsupported-media-type',
      `The body has Content-Encoding: ${content}. Send the form or the image without a content encoding.`,
      { 'accept-encoding': 'identity' },
    );
  }
  const transfer = codings(transferEncoding, 'chunked');
  // RFC 9112, section 6.1: a transfer coding that is not understood is 501.
  return transfer === undefined
    ? undefined
    : refuse(
        'not-implemented',
        `The body has Transfer-Encoding: ${transfer}. Send it with chunked alone, or with a Content-Length.`,
      );
}

/** The value of a header that names any coding but the one that changes nothing. */
function codings(value: string | undefined, plain: string): string | undefined {
  const named = (value ?? '').split(',').map((coding) => coding.trim().toLowerCase());
  return named.every((coding) => coding === '' || coding === plain) ? undefined : value;
}
