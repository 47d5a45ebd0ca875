import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

import { attempt } from './attempt.ts';
import { Violation, type History } from './history.ts';
import type { Load } from './load.ts';
import type { Random } from '@labelfleet/testkit/random';
import { Register } from './register.ts';

const BUCKET = 'crash';
const WRITERS = 4;
const ABSENT = 'absent';

/** Writers with a key each, and races for keys that only one writer may win (If-None-Match: *). */
export function objectLoad(
  s3: S3Client,
  context: { history: History; random: Random; whenUp: () => Promise<void> },
): Load {
  const { history, random, whenUp } = context;
  const writers = Array.from({ length: WRITERS }, (_, index) => `w${index}`);
  const registers = new Map(writers.map((key) => [key, new Register(`object ${key}`, ABSENT)]));
  const races = new Map<string, Race>();
  let puts = 0;

  async function read(Key: string): Promise<string> {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      return (await Body?.transformToString()) ?? '';
    } catch (error) {
      if (error instanceof NoSuchKey) return ABSENT;
      throw error;
    }
  }

  /** A body of some kilobytes that contains its value. */
  const newBody = () => `${(puts += 1)}/`.padEnd(random.below(30_000) + 10, `${puts}.`);

  async function write(key: string, register: Register): Promise<void> {
    const value = random.chance(0.15) ? ABSENT : newBody();
    const target = { Bucket: BUCKET, Key: key };
    const { kind } = await attempt<unknown>(() =>
      value === ABSENT
        ? s3.send(new DeleteObjectCommand(target))
        : s3.send(new PutObjectCommand({ ...target, Body: value })),
    );
    history.note(register.subject, `write ${value.slice(0, 12)}: ${kind}`);
    if (kind !== 'refused') register.written(value, kind);
    const found = await attempt(() => read(key));
    if (found.kind === 'done') register.read(found.value);
  }

  async function race(): Promise<void> {
    const key = `race/${races.size + 1}`;
    const bodies = [newBody(), newBody(), newBody()];
    const won = await Promise.all(
      bodies.map(async (Body) => {
        const put = new PutObjectCommand({ Bucket: BUCKET, Key: key, Body, IfNoneMatch: '*' });
        const { kind } = await attempt(() => s3.send(put));
        history.note(`object ${key}`, `conditional put ${Body.slice(0, 12)}: ${kind}`);
        return { Body, kind };
      }),
    );
    races.set(key, {
      winners: won.filter(({ kind }) => kind === 'done').map(({ Body }) => Body),
      maybe: won.filter(({ kind }) => kind === 'unknown').map(({ Body }) => Body),
    });
  }

  return {
    name: 'objects',
    setUp: async () => void (await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))),
    run: async (signal) => {
      const repeat = async (work: () => Promise<void>) => {
        while (!signal.aborted) {
          await whenUp();
          await work();
        }
      };
      const works = [...registers].map(
        ([key, register]) =>
          () =>
            write(key, register),
      );
      await Promise.all([...works, race].map(repeat));
    },
    check: async () => {
      const listed = await listAll(s3);
      for (const [key, register] of registers) {
        const value = await read(key);
        register.read(value);
        checkListed(key, value, listed);
      }
      for (const [key, result] of races) {
        const value = await read(key);
        checkRace(key, result, value);
        checkListed(key, value, listed);
      }
    },
    figures: () => ({ puts, races: races.size }),
  };
}

interface Race {
  readonly winners: readonly string[];
  /** Writes whose answer was lost. */
  readonly maybe: readonly string[];
}

function checkRace(key: string, { winners, maybe }: Race, value: string): void {
  const fail = (what: string) => new Violation(`object ${key}`, what);
  if (winners.length > 1) throw fail('two conditional puts have won');
  const possible = winners.length === 1 ? winners : [...maybe, ABSENT];
  if (!possible.includes(value)) throw fail(`holds ${value.slice(0, 12)}, not what has won`);
}

function checkListed(key: string, value: string, listed: ReadonlyMap<string, number>): void {
  const size = value === ABSENT ? undefined : value.length;
  if (listed.get(key) !== size) {
    throw new Violation(`object ${key}`, `is listed with ${listed.get(key)} bytes, not ${size}`);
  }
}

async function listAll(s3: S3Client): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET, ContinuationToken: token }),
    );
    for (const { Key = '', Size = 0 } of page.Contents ?? []) sizes.set(Key, Size);
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return sizes;
}
