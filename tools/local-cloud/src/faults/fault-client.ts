import { expect } from 'vitest';

import type { ListedFault } from './faults.ts';
import type { Entry } from './journal.ts';

/** Sets, lists and clears the faults of a server, as a test does it. */
export class FaultClient {
  readonly #url: () => string;
  constructor(server: { readonly cloud: { endpoint: string } }) {
    this.#url = () => `${server.cloud.endpoint}/_local/faults`;
  }

  async call(method: string, path = '', body?: unknown): Promise<{ status: number; text: string }> {
    const response = await fetch(this.#url() + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  async set(fault: object): Promise<ListedFault> {
    const { status, text } = await this.call('POST', '', fault);
    expect({ status, text }).toMatchObject({ status: 201 });
    return JSON.parse(text) as ListedFault;
  }

  async list(): Promise<ListedFault[]> {
    const { text } = await this.call('GET');
    return (JSON.parse(text) as { faults: ListedFault[] }).faults;
  }

  async log(query = ''): Promise<Entry[]> {
    const { text } = await this.call('GET', `/log${query}`);
    return (JSON.parse(text) as { entries: Entry[] }).entries;
  }

  async clear(): Promise<void> {
    await this.call('DELETE');
  }
}
