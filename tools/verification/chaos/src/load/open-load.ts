import { Random } from '@labelfleet/testkit/random';
import type { History } from '../history/history.ts';
import { BatchClient } from './batch-client.ts';
import { Client } from './client.ts';
import { EventReader } from './event-reader.ts';
import { Gateways } from './gateways.ts';
import { Known } from './known.ts';
import { Probes } from './probes.ts';

export type Load = ReturnType<typeof openLoad>;

/** Everybody who calls the gateways. @param urls of the gateways, by name */
export function openLoad(urls: ReadonlyMap<string, string>, history: History, seed: number) {
  const random = (name: string) => new Random(seed, name);
  const gateways = new Gateways(urls, history, random('gateways'));
  const known = new Known();
  const reader = new EventReader({ gateways, history, random: random('readers') });
  const deps = { gateways, history, known, reader };
  return {
    known,
    client: new Client({ ...deps, random: random('clients') }),
    batches: new BatchClient({ ...deps, random: random('batches') }),
    probes: new Probes({ ...deps, random: random('probes') }),
    /** For the mix of the traffic. */
    random: random('mix'),
  };
}
