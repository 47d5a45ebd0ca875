import type { Attributes } from './tracing.ts';

/** The last part of a queue's URL. */
const queueName = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** A queue that is named in spans; `isTemporary`: its name is random, so it must not be part of a span's name. */
export interface Destination {
  url: string;
  isTemporary?: boolean;
}

/** The name of a span about messages, by OpenTelemetry's semantic conventions for messaging. */
export const messagingSpanName = (
  operation: 'send' | 'receive' | 'process',
  { url, isTemporary = false }: Destination,
): string => `${operation} ${isTemporary ? '(temporary)' : queueName(url)}`;

/** The attributes of such a span. */
export const messagingAttributes = (
  operation: 'send' | 'receive' | 'process',
  { url, isTemporary = false }: Destination,
): Attributes => ({
  'messaging.system': 'aws_sqs',
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  'messaging.destination.name': queueName(url),
  ...(isTemporary && { 'messaging.destination.temporary': true }),
});
