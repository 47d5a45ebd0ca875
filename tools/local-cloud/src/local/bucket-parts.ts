import type { Bucket } from '../s3/bucket.ts';
import { html, type Html } from './html.ts';
import { ofNumbers, table } from './table.ts';

const SHOWN_OBJECTS = 200;

export function bucketTable(buckets: readonly Bucket[]): Html {
  return table(
    ['bucket', ofNumbers('objects'), ofNumbers('bytes')],
    buckets.map(
      (bucket) =>
        html`<tr>
          <td><a href="/_local/buckets/${encodeURIComponent(bucket.name)}">${bucket.name}</a></td>
          <td class="number">${bucket.size}</td>
          <td class="number">${bytesOf(bucket).toLocaleString('en')}</td>
        </tr>`,
    ),
  );
}

/** Renders a page of a bucket's objects in the order of their keys. @param after the last key of the previous page */
export function bucketContent(bucket: Bucket, after: string): Html {
  const rest = bucket.keys().filter((key) => key > after);
  const shown = rest.slice(0, SHOWN_OBJECTS);
  const last = shown.at(-1);
  return html`<section id="objects">
    <p class="muted">${bucket.size} objects</p>
    ${table(
      ['key', ofNumbers('bytes'), 'type', 'written'],
      shown.map((key) => objectRow(bucket, key)),
    )}
    ${
      rest.length > shown.length && last !== undefined
        ? html`<p><a href="?after=${encodeURIComponent(last)}">more</a></p>`
        : ''
    }
  </section>`;
}

function objectRow(bucket: Bucket, key: string): Html {
  const info = bucket.head(key);
  if (info === undefined) return html``;
  const address = `/_local/objects/${encodeURIComponent(bucket.name)}/${encodeURIComponent(key)}`;
  return html`<tr>
    <td><a href="${address}">${key}</a></td>
    <td class="number">${info.size.toLocaleString('en')}</td>
    <td>${info.headers['content-type'] ?? ''}</td>
    <td>${new Date(info.lastModifiedMs).toISOString()}</td>
  </tr>`;
}

function bytesOf(bucket: Bucket): number {
  return bucket.keys().reduce((sum, key) => sum + (bucket.head(key)?.size ?? 0), 0);
}
