/** The variables of the apps that name resources of the data stack, whose outputs carry them. */
export const DATA_VARIABLES = [
  'REQUEST_QUEUE_URL',
  'DEAD_LETTER_QUEUE_URL',
  'FLEET_EVENT_QUEUE_URL',
  'WEBHOOK_QUEUE_URL',
  'WEBHOOK_DEAD_LETTER_QUEUE_URL',
  'BATCH_QUEUE_URL',
  'BATCH_DEAD_LETTER_QUEUE_URL',
  'INPUT_BUCKET',
  'OUTPUT_BUCKET',
  'STATE_BUCKET',
] as const;
export type DataVariable = (typeof DATA_VARIABLES)[number];

/** The objects of the state bucket that say who may call the gateway, and where webhooks go. */
export const ACCESS_OBJECTS = {
  apiKeys: 'access/api-keys.json',
  receivers: 'access/receivers.json',
} as const;

/** Outputs have no underscores: `REQUEST_QUEUE_URL` is `RequestQueueUrl`. */
export const outputName = (variable: DataVariable): string =>
  variable.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, first: string) => first.toUpperCase());

/** The names of a deployment's queues, besides its gateways' reply queues. */
export const queueNames = (fleet: string) => ({
  requests: `${fleet}-requests`,
  deadLetters: `${fleet}-dead-letters`,
  fleetEvents: `${fleet}-fleet-events`,
  webhooks: `${fleet}-webhooks`,
  webhookDeadLetters: `${fleet}-webhooks-dead-letters`,
  batch: `${fleet}-batch`,
  batchDeadLetters: `${fleet}-batch-dead-letters`,
});
