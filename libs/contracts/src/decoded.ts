import * as z from 'zod';

/** External input: a value of the expected shape, or the reason why it does not have it. */
export type Decoded<T> = { kind: 'decoded'; value: T } | { kind: 'malformed'; reason: string };

/** Parses JSON text with a schema. Never throws: a malformed text gives a value with the reason. */
export function decodeJson<T>(schema: z.ZodType<T>, text: string): Decoded<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { kind: 'malformed', reason: `not JSON: ${(error as SyntaxError).message}` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { kind: 'decoded', value: parsed.data };
  return { kind: 'malformed', reason: z.prettifyError(parsed.error) };
}
