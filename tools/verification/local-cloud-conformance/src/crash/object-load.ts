import { NoSuchKey, paginateListObjectsV2 } from '@aws-sdk/client-s3';

import { createBucket, type TestBucket } from '@labelfleet/testkit/test-bucket';
import { attempt, Violation } from './history.ts';
import { repeatAll, type Load, type LoadContext } from './load.ts';
import { Register } from './register.ts';

const WRITERS = ['w0', 'w1', 'w2', 'w3'];
const ABSENT = 'absent';

/** Writers with a key each, and races for keys that only one writer may win (If-None-Match: *). */
export async function objectLoad(context: LoadContext): Promise<Load> {
  const { history, random } = context;
  const bucket = await createBucket(context.cloud.clients.s3);
  const registers = WRITERS.map((key) => ({ key, register: new Register(subject(key), ABSENT) }));
  const races = new Map<string, Race>();
  let puts = 0;

  async function read(key: string): Promise<string> {
    try {
      return (await bucket.text(key)) ?? '';
    } catch (error) {
      if (error instanceof NoSuchKey) return ABSENT;
      throw error;
    }
  }

  /** A body of some kilobytes that contains its value. */
  const newBody = () => `${(puts += 1)}/`.padEnd(random.below(30_000) + 10, `${puts}.`);

  async function write(key: string, register: Register): Promise<void> {
    const value = random.chance(0.15) ? ABSENT : newBody();
    const { kind } = await history.attempt<unknown>(subject(key), `write ${shown(value)}`, () =>
      value === ABSENT ? bucket.remove(key) : bucket.put(key, { Body: value }),
    );
    if (kind !== 'refused') register.written(value, kind);
    const found = await attempt(() => read(key));
    if (found.kind === 'done') register.read(found.value);
  }

  async function race(): Promise<void> {
    const key = `race/${races.size + 1}`;
    const result: Race = { done: [], unknown: [], refused: [] };
    const putOnce = async (Body: string) => {
      const what = `conditional put ${shown(Body)}`;
      const put = () => bucket.put(key, { Body, IfNoneMatch: '*' });
      const { kind } = await history.attempt(subject(key), what, put);
      result[kind].push(Body);
    };
    await Promise.all([newBody(), newBody(), newBody()].map(putOnce));
    races.set(key, result);
  }

  return {
    name: 'objects',
    run: (signal) => {
      const writers = registers.map(
        ({ key, register }) =>
          () =>
            write(key, register),
      );
      return repeatAll(context, signal, [...writers, race]);
    },
    check: async () => {
      const listed = await listAll(bucket);
      const readListed = async (key: string) => {
        const value = await read(key);
        const size = value === ABSENT ? undefined : value.length;
        if (listed.get(key) === size) return value;
        throw new Violation(subject(key), `is listed with ${listed.get(key)} bytes, not ${size}`);
      };
      for (const { key, register } of registers) register.read(await readListed(key));
      for (const [key, result] of races) checkRace(key, result, await readListed(key));
    },
    figures: () => ({ puts, races: races.size }),
  };
}

const subject = (key: string) => `object ${key}`;
const shown = (value: string) => value.slice(0, 12);

/** The bodies of the writes to one key, by outcome. */
type Race = Readonly<Record<'done' | 'unknown' | 'refused', string[]>>;

function checkRace(key: string, { done, unknown }: Race, value: string): void {
  const fail = (what: string) => new Violation(subject(key), what);
  if (done.length > 1) throw fail('two conditional puts have won');
  const possible = done.length === 1 ? done : [...unknown, ABSENT];
  if (!possible.includes(value)) throw fail(`holds ${shown(value)}, not what has won`);
}

async function listAll({ s3, name }: TestBucket): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: name })) {
    for (const { Key = '', Size = 0 } of Contents) sizes.set(Key, Size);
  }
  return sizes;
}
