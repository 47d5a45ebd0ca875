import type { Parameter } from '../../query-protocol.ts';

/** Maps lists to the singular that the query protocol uses for their members. */
const LISTS: Readonly<Record<string, string>> = {
  AttributeName: 'AttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
  TagKey: 'TagKeys',
  SendMessageBatchRequestEntry: 'Entries',
  DeleteMessageBatchRequestEntry: 'Entries',
  ChangeMessageVisibilityBatchRequestEntry: 'Entries',
};

/** The maps, which the query protocol writes as lists of names (or keys) and values. */
const MAPS: Readonly<Record<string, string>> = {
  Attribute: 'Attributes',
  MessageAttribute: 'MessageAttributes',
  MessageSystemAttribute: 'MessageSystemAttributes',
  Tag: 'Tags',
};

const NUMBERS = new Set([
  'DelaySeconds',
  'MaxNumberOfMessages',
  'MaxResults',
  'VisibilityTimeout',
  'WaitTimeSeconds',
]);

type Input = Record<string, unknown>;

/** Converts parameters of the query protocol to input of the JSON protocol. */
export function inputOfQuery(action: string, parameters: Parameter): Input {
  const { Tags, ...input } = structure(parameters);
  if (Tags === undefined) return input;
  return { ...input, [action === 'CreateQueue' ? 'tags' : 'Tags']: Tags };
}

function structure(parameter: Parameter): Input {
  if (typeof parameter === 'string' || Array.isArray(parameter)) return {};
  return Object.fromEntries(
    Object.entries(parameter).map(([name, value]) => {
      if (name in LISTS) return [LISTS[name] ?? name, listOf(value).map(member)];
      if (name in MAPS) return [MAPS[name] ?? name, mapOf(listOf(value))];
      return [name, NUMBERS.has(name) ? numberOf(value) : value];
    }),
  );
}

const listOf = (value: Parameter): Parameter[] => (Array.isArray(value) ? value : []);

const member = (value: Parameter) => (typeof value === 'string' ? value : structure(value));

function mapOf(entries: readonly Parameter[]): Input {
  return Object.fromEntries(
    entries.map((entry) => {
      const { Name, Key, Value } = structure(entry);
      return [String(Name ?? Key), Value ?? ''];
    }),
  );
}

/** Keeps text that is not a number, so that the check of the action's input refuses it. */
function numberOf(value: Parameter): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
}
