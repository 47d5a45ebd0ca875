import { ApiError } from './api-error.ts';

/** A parameter: text, a structure, or a list. */
export type Parameter = string | Parameter[] | { [name: string]: Parameter };

/**
 * Parses the form of the query protocol, which EC2 and older clients of SQS use: `Filter.1.Value.2=x` is the second value of the first filter.
 * List members have no name; they are numbered from 1 and sorted by number.
 */
export function parseQuery(body: string): { action: string; parameters: Parameter } {
  const root: Node = new Map();
  let action = '';
  for (const [name, value] of new URLSearchParams(body)) {
    if (name === 'Action') action = value;
    else if (name !== 'Version') put(root, partsOf(name), value);
  }
  return { action, parameters: toParameter(root) };
}

type Node = Map<string, Node | string>;

/** AWS accepts nothing that is nested deeper. The limit keeps recursion from overflowing the stack. */
const DEEPEST = 32;

function partsOf(name: string): string[] {
  const parts = name.split('.');
  if (parts.length <= DEEPEST) return parts;
  throw new ApiError('MalformedQueryString', 'A parameter is nested too deep.');
}

function put(node: Node, [name = '', ...rest]: string[], value: string): void {
  if (rest.length === 0) {
    node.set(name, value);
    return;
  }
  const below = node.get(name);
  const next: Node = typeof below === 'object' ? below : new Map<string, Node | string>();
  node.set(name, next);
  put(next, rest, value);
}

function toParameter(node: Node | string): Parameter {
  if (typeof node === 'string') return node;
  const entries = [...node];
  if (entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name))) {
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, below]) => toParameter(below));
  }
  return Object.fromEntries(entries.map(([name, below]) => [name, toParameter(below)]));
}
