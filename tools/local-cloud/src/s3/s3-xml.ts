import type * as z from 'zod';

import { ApiError } from '../api-error.ts';
import { parseXml } from '../xml.ts';

/**
 * Reads the XML that comes with a call.
 * @param lists elements that are lists even where there is one
 * @throws ApiError MalformedXML for what is no XML, and for what is not of this shape
 */
export function parseS3Xml<T>(body: Buffer, lists: readonly string[], shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(parsedOrUndefined(body.toString(), lists));
  if (parsed.success) return parsed.data;
  throw new ApiError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

function parsedOrUndefined(xml: string, lists: readonly string[]): unknown {
  try {
    return parseXml(xml, lists);
  } catch {
    return undefined; // external entities, or nesting without an end, among others
  }
}
