/** Maps lists to the query protocol's name of a member. */
const LISTS: Readonly<Record<string, string>> = {
  QueueUrls: 'QueueUrl',
  Messages: 'Message',
  Failed: 'BatchResultErrorEntry',
};

/** Maps maps to the query protocol's names of an entry and its key. */
const MAPS: Readonly<Record<string, readonly [entry: string, key: string]>> = {
  Attributes: ['Attribute', 'Name'],
  MessageAttributes: ['MessageAttribute', 'Name'],
  Tags: ['Tag', 'Key'],
};

/** Converts an action's output to the nesting of the query protocol, where lists repeat their element. */
export function outputForXml(action: string, output: object): object {
  const entries = Object.entries(output) as [string, unknown][];
  const given = entries.filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => {
      const list = name === 'Successful' ? `${action}ResultEntry` : LISTS[name];
      if (list !== undefined) return [list, members(action, value)];
      const map = MAPS[name];
      return map === undefined ? [name, value] : [map[0], pairs(value, map[1])];
    }),
  );
}

function members(action: string, list: unknown): unknown[] {
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).map((each) =>
    typeof each === 'object' && each !== null ? outputForXml(action, each) : each,
  );
}

const pairs = (map: unknown, key: string) =>
  Object.entries(map ?? {}).map(([name, Value]: [string, unknown]) => ({ [key]: name, Value }));
