import type { StoredImages } from '@labelfleet/end-to-end/jobs/stored-images';

/** Images of which one kills its workers. */
export interface PoisonedImages extends StoredImages {
  /** Of the poison image. */
  key: string;
  /** Of the poison image, in the order of the keys. */
  index: number;
}

/** Makes a good image a poison image. */
export function withPoison({ prefix, expected }: StoredImages): PoisonedImages {
  const keys = [...expected.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const isGood = (key: string) => key.endsWith('.jpg') && 'label' in (expected.get(key) ?? {});
  const index = keys.findLastIndex(isGood);
  const [key = ''] = keys.slice(index);
  return {
    ...{ prefix, key, index },
    expected: new Map(expected).set(key, { problem: 'attempts-exhausted' }),
  };
}
