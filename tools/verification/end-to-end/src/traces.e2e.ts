import { startOtlpReceiver, type ReceivedSpan } from '@labelfleet/telemetry/testing';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { useImages } from './sent-images.ts';
import { startStack } from './stack-under-test.ts';

const images = useImages(1);
const BUNDLES = join(import.meta.dirname, '../../../../dist/apps');

test('one trace leads from the gateway through the queue to the worker and back', async () => {
  await using receiver = await startOtlpReceiver();
  await using stack = await startStack({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
  const image = await readFile(images.files[0] ?? '');
  const response = await fetch(new URL('v1/classifications', stack.url), {
    method: 'POST',
    body: image,
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(response.status).toBe(200);

  const WAIT = { timeout: 20_000, interval: 100 };
  const named = (name: string) => receiver.spans.find((span) => span.name === name);
  const send = 'send labelfleet-requests';
  const process = 'process labelfleet-requests';
  // Each app exports its spans every 5 s, and a span when it has ended.
  await expect
    .poll(() => ['POST /v1/classifications', process].every((name) => named(name)), WAIT)
    .toBe(true);

  const root = named('POST /v1/classifications');
  const own = receiver.spans.filter(({ traceId }) => traceId === root?.traceId);
  const tree = (parent: ReceivedSpan | undefined, depth = 0): string[] =>
    own
      .filter(({ parentSpanId }) => parentSpanId === parent?.spanId)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((span) => [
        `${'  '.repeat(depth)}${span.service} ${span.kind} ${span.name}`,
        ...tree(span, depth + 1),
      ]);
  expect(tree(undefined)).toEqual([
    'labelfleet-gateway server POST /v1/classifications',
    `  labelfleet-gateway producer ${send}`,
    `    labelfleet-worker consumer ${process}`,
    '      labelfleet-worker internal classify',
    '      labelfleet-worker client delete',
    '      labelfleet-worker producer send (temporary)',
    '        labelfleet-gateway consumer process (temporary)',
    '      labelfleet-worker client store',
    '      labelfleet-worker internal wait-for-classifier',
    '      labelfleet-worker internal wait-for-slot',
    '  labelfleet-gateway client store image',
  ]);
  // A receive can bring messages of several traces, so it has a trace of its own and links to them.
  const receive = named('receive labelfleet-requests');
  expect(receive).toMatchObject({ kind: 'client', links: [named(send)?.spanId] });
  expect(receive?.traceId).not.toBe(root?.traceId);
  expect(named(process)?.links).toEqual([receive?.spanId]);
  expect(named(send)?.attributes).toMatchObject({
    'messaging.system': 'aws_sqs',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'labelfleet-requests',
  });
  expect(own.filter(({ failed }) => failed)).toEqual([]);
});

/** The files of a bundle that its start loads: those that main.js imports other than by `import()`. */
async function loadedAtStart(app: string): Promise<string[]> {
  const texts = new Map<string, string>();
  const load = async (file: string): Promise<void> => {
    if (texts.has(file)) return;
    const text = await readFile(file, 'utf8');
    texts.set(file, text);
    const imports = [...text.matchAll(/(?:from|import)"(\.[^"]+\.js)"/g)];
    for (const [, path = ''] of imports) await load(join(dirname(file), path));
  };
  await load(join(BUNDLES, app, 'main.js'));
  return [...texts.values()];
}

test.each(['gateway', 'worker'])(
  'a %s without traces reads nothing of OpenTelemetry',
  async (app) => {
    const exporters = await readdir(join(BUNDLES, app, 'chunks'));
    expect(exporters.filter((name) => /^otlp-tracing-.*\.js$/.test(name))).toHaveLength(1);
    const loaded = await loadedAtStart(app);
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.filter((text) => text.includes('/v1/traces'))).toHaveLength(0);
  },
);
