import { hash } from 'node:crypto';

interface MessageAttribute {
  DataType: string;
  StringValue?: string | undefined;
  /** Base64, as in JSON. */
  BinaryValue?: string | undefined;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** Undefined if there are none, because SQS then omits the field. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return undefined;
  const parts: Buffer[] = [];
  const sized = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  };
  // The encoding that SQS documents: sorted by name, each part after its length, 1 for text and 2 for binary.
  // docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
  for (const [name, attribute] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    sized(Buffer.from(name));
    sized(Buffer.from(attribute.DataType));
    parts.push(Buffer.of(attribute.BinaryValue === undefined ? 1 : 2));
    sized(valueBytes(attribute));
  }
  return hash('md5', Buffer.concat(parts));
}

/** Name, type and value all count towards the size of a message. */
export function sizeOfAttributes(attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (size, [name, attribute]) =>
      size +
      Buffer.byteLength(name) +
      Buffer.byteLength(attribute.DataType) +
      valueBytes(attribute).length,
    0,
  );
}

/** Selects the requested attributes: names, `All`, `.*`, or a prefix such as `labelfleet.*`. */
export function selectAttributes(
  attributes: MessageAttributes,
  wanted: readonly string[],
): MessageAttributes {
  const matches = (name: string) =>
    wanted.some(
      (want) =>
        want === name ||
        want === 'All' ||
        (want.endsWith('.*') && name.startsWith(want.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => matches(name)));
}

function valueBytes(attribute: MessageAttribute): Buffer {
  return attribute.BinaryValue === undefined
    ? Buffer.from(attribute.StringValue ?? '')
    : Buffer.from(attribute.BinaryValue, 'base64');
}
