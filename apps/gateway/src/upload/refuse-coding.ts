import { refuse, type Refusal } from '../http/problem.ts';

/** Refuses an encoded body: images are compressed already, and the gateway decodes nothing. */
export function refuseCoding({
  contentEncoding,
  transferEncoding,
}: {
  contentEncoding: string | undefined;
  transferEncoding: string | undefined;
}): Refusal | undefined {
  const content = codings(contentEncoding, 'identity');
  if (content !== undefined) {
    // RFC 9110, section 15.5.16, asks for Accept-Encoding in the response.
    return refuse(
      'unsupported-media-type',
      `The body has Content-Encoding: ${content}. Send the form or the image without a content encoding.`,
      { 'accept-encoding': 'identity' },
    );
  }
  const transfer = codings(transferEncoding, 'chunked');
  // RFC 9112, section 6.1: an unknown transfer coding is 501.
  return transfer === undefined
    ? undefined
    : refuse(
        'not-implemented',
        `The body has Transfer-Encoding: ${transfer}. Send it with chunked only, or with a Content-Length.`,
      );
}

/** The header's value if it names any coding but `plain`, else undefined. */
function codings(value: string | undefined, plain: string): string | undefined {
  const named = (value ?? '').split(',').map((coding) => coding.trim().toLowerCase());
  return named.every((coding) => coding === '' || coding === plain) ? undefined : value;
}
