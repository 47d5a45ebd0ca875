import type { JobPage, StoredJob } from '@labelfleet/contracts';
import type { JobStore } from '@labelfleet/jobs';

const MOST_JOBS = 16;
/** A page of a thousand images has a few hundred kilobytes. */
const MOST_PAGES = 4;

/** Reads jobs and their pages, and keeps the last ones: they never change. */
export class JobReader {
  readonly #store: Pick<JobStore, 'job' | 'page'>;
  readonly #jobs = new Map<string, StoredJob>();
  readonly #pages = new Map<string, JobPage>();

  constructor(store: Pick<JobStore, 'job' | 'page'>) {
    this.#store = store;
  }

  /** Undefined: there is no such job. */
  job(id: string): Promise<StoredJob | undefined> {
    return cached(this.#jobs, id, MOST_JOBS, () => this.#store.job(id));
  }

  /** Undefined: there is no such page. */
  page(id: string, page: number): Promise<JobPage | undefined> {
    return cached(this.#pages, `${id} ${page}`, MOST_PAGES, () => this.#store.page(id, page));
  }
}

/** What was used last is kept. */
async function cached<T>(
  values: Map<string, T>,
  key: string,
  most: number,
  read: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const value = values.get(key) ?? (await read());
  if (value === undefined) return undefined;
  values.delete(key);
  values.set(key, value);
  for (const oldest of values.keys()) {
    if (values.size <= most) break;
    values.delete(oldest);
  }
  return value;
}
