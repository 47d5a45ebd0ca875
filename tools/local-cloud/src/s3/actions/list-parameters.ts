import { ApiError } from '../../api-error.ts';

const MAX_PAGE = 1000;

/** How many entries a page of a listing may have: at most a thousand, however many are asked for. */
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
 * How keys are written in a listing: as they are, or as in an address, which XML can carry whatever they hold.
 * @returns also the element that says so
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

/** As S3 does it: slashes stay, a space is a plus. */
const urlEncode = (text: string) =>
  encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
