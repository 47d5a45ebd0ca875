/** The variables of the apps that name resources of the data stack, whose outputs carry them. */
export const QUEUE_VARIABLES = [
  'REQUEST_QUEUE_URL',
  'DEAD_LETTER_QUEUE_URL',
  'FLEET_EVENT_QUEUE_URL',
  'WEBHOOK_QUEUE_URL',
  'WEBHOOK_DEAD_LETTER_QUEUE_URL',
] as const;
export const DATA_VARIABLES = [
  ...QUEUE_VARIABLES,
  'INPUT_BUCKET',
  'OUTPUT_BUCKET',
  'STATE_BUCKET',
] as const;
export type DataVariable = (typeof DATA_VARIABLES)[number];

/** Outputs have no underscores: `REQUEST_QUEUE_URL` is `RequestQueueUrl`. */
export const outputName = (variable: DataVariable): string =>
  variable.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, first: string) => first.toUpperCase());
