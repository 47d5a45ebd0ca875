import * as z from 'zod';

import { notServed } from '../../api-error.ts';
import type { Instance } from '../instances/instance.ts';

export const filters = z
  .array(z.strictObject({ Name: z.string(), Value: z.array(z.string()).default([]) }))
  .default([]);

export type Filters = z.output<typeof filters>;

interface Filterable {
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
}

type Field<T> = (item: T) => string | undefined;

/**
 * Returns the items that match every filter. An item matches a filter if it has one of its values, in which `*` matches
 * any text and `?` any one character.
 */
export function applyFilters<T extends Filterable>(
  list: readonly T[],
  wanted: Filters,
  fields: Readonly<Record<string, Field<T>>>,
): T[] {
  const tests = wanted.map(({ Name, Value }) => {
    const patterns = Value.map(toPattern);
    const values = valuesOf(Name, fields);
    return (item: T) => values(item).some((value) => patterns.some((each) => each.test(value)));
  });
  return list.filter((item) => tests.every((test) => test(item)));
}

function valuesOf<T extends Filterable>(
  name: string,
  fields: Readonly<Record<string, Field<T>>>,
): (item: T) => string[] {
  if (name === 'tag-key') return (item) => Object.keys(item.tags ?? {});
  const field: Field<T> | undefined = name.startsWith('tag:')
    ? (item) => item.tags?.[name.slice('tag:'.length)]
    : fields[name];
  if (field === undefined) throw notServed(`The filter ${name}`);
  return (item) => {
    const value = field(item);
    return value === undefined ? [] : [value];
  };
}

function toPattern(value: string): RegExp {
  const escaped = value.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

export const INSTANCE_FIELDS: Readonly<Record<string, Field<Instance>>> = {
  'availability-zone': ({ zone }) => zone,
  'client-token': ({ clientToken }) => clientToken,
  'image-id': ({ spec }) => spec.imageId,
  'instance-id': ({ id }) => id,
  'instance-lifecycle': ({ spec }) => (spec.market === 'spot' ? 'spot' : undefined),
  'instance-state-name': ({ state }) => state,
  'instance-type': ({ spec }) => spec.instanceType,
  'reservation-id': ({ reservationId }) => reservationId,
  'subnet-id': ({ subnetId }) => subnetId,
};
