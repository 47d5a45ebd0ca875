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
  const files = new Set<string>();
  const load = async (file: string): Promise<void> => {
    if (files.has(file)) return;
    files.add(file);
    const imports = (await readFile(file, 'utf8')).matchAll(/(?:from|import)"(\.[^"]+\.js)"/g);
    for (const [, path = ''] of imports) await load(join(dirname(file), path));
  };
  await load(join(BUNDLES, app, 'main.js'));
  return [...files];
}

/** The packages of OpenTelemetry in files of a bundle, by their source maps. */
async function openTelemetryIn(files: readonly string[]): Promise<Set<string>> {
  const maps = await Promise.all(files.map((file) => readFile(`${file}.map`, 'utf8')));
  const packages = maps.join().matchAll(/\/(@opentelemetry\/[^/"]+)\/[^"]+"/g);
  return new Set(Array.from(packages, ([, name = '']) => name));
}

test.each(['gateway', 'worker'])('a %s without traces loads no exporter of them', async (app) => {
  const chunks = await readdir(join(BUNDLES, app, 'chunks'));
  const [exporter = ''] = chunks.filter((name) => /^otlp-tracing-.*\.js$/.test(name));
  expect(await openTelemetryIn([join(BUNDLES, app, 'chunks', exporter)])).toContain(
    '@opentelemetry/exporter-trace-otlp-http',
  );
  const loaded = await loadedAtStart(app);
  expect(loaded.length).toBeGreaterThan(1);
  // prom-client needs the API.
  expect(await openTelemetryIn(loaded)).toEqual(new Set(['@opentelemetry/api']));
});
