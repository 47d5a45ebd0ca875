import type { Instance } from '../ec2/instances/instance.ts';
import type { Faults } from '../faults/faults.ts';
import type { Bucket } from '../s3/bucket.ts';
import type { Queue } from '../sqs/queue/queue.ts';
import { bucketTable } from './bucket-parts.ts';
import { faultForms, faultTable, journalTable } from './fault-parts.ts';
import { html } from './html.ts';
import { instanceTable } from './instance-parts.ts';
import { pageOf, type Page } from './page.ts';
import { queueTable } from './queue-parts.ts';

export interface CloudState {
  readonly queues: readonly Queue[];
  readonly buckets: readonly Bucket[];
  readonly instances: readonly Instance[];
  readonly faults: Pick<Faults, 'list' | 'journal'>;
  readonly nowMs: number;
}

/** Renders the state of this cloud as a page that updates automatically. */
export function overviewPage({ queues, buckets, instances, faults, nowMs }: CloudState): Page {
  const content = html`<section id="queues">
      <h2>Queues</h2>
      ${queueTable(queues)}
    </section>
    <section id="instances">
      <h2>Instances</h2>
      ${instanceTable(instances, nowMs)}
    </section>
    <section id="buckets">
      <h2>Buckets</h2>
      ${bucketTable(buckets)}
    </section>
    <section id="faults">
      <h2>Faults</h2>
      ${faultTable(faults.list())}
    </section>
    <h2>Set a fault</h2>
    ${faultForms()}
    <section id="hit">
      <h2>What was hit</h2>
      ${journalTable(faults.journal.entries())}
    </section>`;
  return pageOf('local-cloud', content, true);
}
