/** An answer without its empty lists and maps: SQS leaves them out, in either protocol. */
export const withoutEmpty = (output: object): object =>
  Object.fromEntries(
    (Object.entries(output) as [string, unknown][]).filter(([, value]) => !isEmpty(value)),
  );

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
