/** Removes empty lists and maps from a response, because SQS omits them in both protocols. */
export const withoutEmpty = (output: object): object =>
  Object.fromEntries(
    (Object.entries(output) as [string, unknown][]).filter(([, value]) => !isEmpty(value)),
  );

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
