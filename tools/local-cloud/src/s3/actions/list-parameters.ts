import { ApiError } from '../../api-error.ts';

const MAX_PAGE = 1000;

/** Returns the page size of a listing, which is at most 1,000. */
export function pageSize(query: URLSearchParams, parameter: string): number {
  const given = query.get(parameter) ?? '';
  if (given === '') return MAX_PAGE;
  if (/^\d+$/.test(given) && Number(given) < 2 ** 31) return Math.min(MAX_PAGE, Number(given));
  throw new ApiError(
    'InvalidArgument',
    `Provided ${parameter} not an integer or within integer range`,
    400,
    { ArgumentName: parameter, ArgumentValue: given },
  );
}

/**
 * Returns how keys are written in a listing: unchanged, or URL-encoded, which allows characters that XML does not.
 * @returns also the element that names the encoding
 */
export function listEncoding(query: URLSearchParams): {
  encode: (text: string) => string;
  element: { EncodingType?: 'url' };
} {
  const type = query.get('encoding-type');
  if (type === null) return { encode: (text) => text, element: {} };
  if (type === 'url') return { encode: urlEncode, element: { EncodingType: 'url' } };
  throw new ApiError('InvalidArgument', 'Invalid Encoding Method specified in Request', 400, {
    ArgumentName: 'encoding-type',
    ArgumentValue: type,
  });
}

/** Encodes like S3: slashes are kept, and a space becomes a plus. */
const urlEncode = (text: string) =>
  encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
