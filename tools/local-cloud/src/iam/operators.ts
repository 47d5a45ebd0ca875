/** Whether a call's values of a condition key (none if the call does not have it) meet the policy's. */
type Operator = (have: readonly string[], want: readonly string[]) => boolean;

const equals = (pattern: string, value: string) => pattern === value;
const equalsIgnoringCase = (pattern: string, value: string) =>
  pattern.toLowerCase() === value.toLowerCase();

const some =
  (matches: (pattern: string, value: string) => boolean): Operator =>
  (have, want) =>
    have.some((value) => want.some((pattern) => matches(pattern, value)));
const every =
  (matches: (pattern: string, value: string) => boolean): Operator =>
  (have, want) =>
    have.every((value) => want.some((pattern) => matches(pattern, value)));

/** The served condition operators: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: some(equals),
  StringLike: some(like),
  ArnEquals: some(arnLike),
  ArnLike: some(arnLike),
  Bool: some(equalsIgnoringCase),
  Null: (have, want) => want.some((value) => equalsIgnoringCase(value, String(have.length === 0))),
  'ForAllValues:StringEquals': every(equals),
  'ForAllValues:StringLike': every(like),
  'ForAnyValue:StringEquals': some(equals),
  'ForAnyValue:StringLike': some(like),
};

/** In a pattern `*` is any text and `?` any one character. */
export function like(pattern: string, value: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(value);
}

/** Compares ARNs segment by segment: a wildcard does not reach over a colon, but in the last of six. */
export function arnLike(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  const segments = segmentsOf(arn);
  const patterns = segmentsOf(pattern);
  return (
    patterns.length === segments.length &&
    patterns.every((each, index) => like(each, segments[index] ?? ''))
  );
}

function segmentsOf(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
