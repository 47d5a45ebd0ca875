import type * as z from 'zod';

import { ApiError } from '../api-error.ts';
import { parseXml } from '../xml.ts';

/**
 * Parses the XML body of a call.
 * @param lists elements that become lists even if there is only one
 * @throws ApiError MalformedXML if the body is not XML or does not have this shape
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
    return undefined; // such as external entities or too deep nesting
  }
}
