import type { Instance } from '../ec2/instance.ts';
import type { Bucket } from '../s3/bucket.ts';
import type { Queue } from '../sqs/queue.ts';
import { html, type Html } from './html.ts';

/** Of a bucket's objects the page shows this many. */
const SHOWN_OBJECTS = 100;

export interface CloudState {
  readonly queues: readonly Queue[];
  readonly buckets: readonly Bucket[];
  readonly instances: readonly Instance[];
  readonly nowMs: number;
}

/** What is in this cloud, as a page that renews itself. */
export function statePage(state: CloudState): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="refresh" content="2" />
        <title>local-cloud</title>
        <style>
          body {
            font:
              14px/1.4 system-ui,
              sans-serif;
            margin: 2rem;
          }
          table {
            border-collapse: collapse;
          }
          th,
          td {
            padding: 0.2rem 1rem 0.2rem 0;
            text-align: left;
            vertical-align: top;
          }
          td.number {
            text-align: right;
          }
        </style>
      </head>
      <body>
        <h1>local-cloud</h1>
        <h2>Queues</h2>
        ${table(['queue', 'waiting', 'in flight', 'delayed', 'oldest'], state.queues.map(queueRow))}
        <h2>Instances</h2>
        ${table(
          ['instance', 'state', 'since launch', 'type', 'zone', 'tags', ''],
          state.instances.toReversed().map((instance) => instanceRow(instance, state.nowMs)),
        )}
        <h2>Buckets</h2>
        ${state.buckets.map(bucketSection)}
      </body>
    </html>`.markup;
}

function queueRow(queue: Queue): Html {
  const { visible, inFlight, delayed } = queue.counts();
  const oldestMs = queue.oldestAgeMs();
  return html`<tr>
    <td>${queue.name}</td>
    <td class="number">${visible}</td>
    <td class="number">${inFlight}</td>
    <td class="number">${delayed}</td>
    <td>${oldestMs === undefined ? '' : seconds(oldestMs)}</td>
  </tr>`;
}

function instanceRow(instance: Instance, nowMs: number): Html {
  const tags = Object.entries(instance.tags).map(([key, value]) => `${key}=${value}`);
  return html`<tr>
    <td>${instance.id}</td>
    <td title="${instance.stateReason?.message ?? ''}">${instance.state}</td>
    <td>${seconds(nowMs - instance.launchedAtMs)}</td>
    <td>${instance.spec.instanceType}</td>
    <td>${instance.zone}</td>
    <td>${tags.join(' ')}</td>
    <td><a href="/_local/instances/${instance.id}/log">log</a></td>
  </tr>`;
}

function bucketSection(bucket: Bucket): Html {
  const newest = bucket
    .keys()
    .map((key) => bucket.head(key))
    .filter((info) => info !== undefined)
    .sort((a, b) => b.lastModifiedMs - a.lastModifiedMs)
    .slice(0, SHOWN_OBJECTS);
  return html`<h3>${bucket.name} (${bucket.size})</h3>
    ${table(
      ['key', 'bytes', 'type', 'written'],
      newest.map(
        (info) =>
          html`<tr>
            <td>${info.key}</td>
            <td class="number">${info.size}</td>
            <td>${info.headers['content-type'] ?? ''}</td>
            <td>${new Date(info.lastModifiedMs).toISOString()}</td>
          </tr>`,
      ),
    )}`;
}

function table(heads: readonly string[], rows: readonly Html[]): Html {
  if (rows.length === 0) return html`<p>none</p>`;
  return html`<table>
    <tr>
      ${heads.map((head) => html`<th>${head}</th>`)}
    </tr>
    ${rows}
  </table>`;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
