import {
  fleetSnapshotSchema,
  jobViewSchema,
  PROBLEMS,
  problemSchema,
  storedResultSchema,
} from '@labelfleet/contracts';
import {
  CALLS_OF_WORKER_SECOND,
  callsOfImage,
  callsUsd,
  instanceUsd,
  US_EAST_1,
  US_EAST_1_PRICES,
} from '@labelfleet/scaling/cost';
import { METRICS } from '@labelfleet/telemetry';
import { existsSync, globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blocks, firstColumn, pages, read, workspace } from './pages.ts';

const links = pages.flatMap((page) =>
  [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => ({
    page,
    target: target ?? '',
  })),
);

test.each(links)('$page: the link to $target leads somewhere', ({ page, target }) => {
  expect(existsSync(join(workspace, dirname(page), target))).toBe(true);
});

test('docs/decisions/README.md lists every decision once, and no other', () => {
  const files = globSync('docs/decisions/0*.md', { cwd: workspace }).map((file) => basename(file));
  const listed = [...read('docs/decisions/README.md').matchAll(/\]\((0[^)]+)\)/g)];
  expect(listed.map(([, file]) => file)).toEqual(files.sort());
});

const scripts = Object.keys(
  (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts,
);
const commands = pages.flatMap((page) =>
  [...read(page).matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, script]) => ({
    page,
    script: script ?? '',
  })),
);

test.each(commands)('$page: there is a script "$script"', ({ script }) => {
  expect(scripts).toContain(script);
});

test("no command of the docs runs TypeScript by the host's Node, which may be 20", () => {
  const lines = pages.flatMap((page) =>
    blocks(page, 'sh').flatMap((block) => block.split('\n').map((line) => `${page}: ${line}`)),
  );
  // npm scripts and npx find the Node that npm ci brings.
  expect(lines.filter((line) => /(?<!npx )\bnode +\S+\.ts\b/.test(line))).toEqual([]);
});

describe('docs/http-api.md', () => {
  const [classification, problem, fleet, batch, jobRequest, job] = blocks(
    'docs/http-api.md',
    'json',
  ).map((text) => JSON.parse(text) as unknown);

  test('shows a classification as it is stored, with links', () => {
    expect(storedResultSchema.parse({ v: 1, ...(classification as object) })).toBeDefined();
    expect(classification).toHaveProperty('links.self');
  });

  test('shows a problem document as it is sent', () => {
    expect(problemSchema.parse(problem)).toEqual(problem);
  });

  test('shows a fleet snapshot as it is published', () => {
    // `stale` is the gateway's.
    const { stale, ...published } = fleet as { stale: boolean };
    expect(stale).toBe(false);
    expect(fleetSnapshotSchema.parse({ v: 1, ...published })).toEqual({ v: 1, ...published });
  });

  test('shows a batch whose counts are those of its items', () => {
    const { counts, items } = batch as {
      counts: Record<string, number>;
      items: { status: string; problem?: unknown }[];
    };
    const count = (of: string) => items.filter(({ status }) => status === of).length;
    expect(counts).toEqual({
      total: items.length,
      queued: count('queued'),
      succeeded: count('succeeded'),
      failed: count('failed'),
      canceled: count('canceled'),
    });
    for (const { problem: refused } of items)
      if (refused !== undefined) expect(problemSchema.parse(refused)).toEqual(refused);
  });

  test('shows a job as it is sent, whose counts add up', () => {
    const { counts, ...shown } = jobViewSchema.parse(job);
    expect({ ...shown, counts }).toEqual(job);
    const { listed, succeeded, failed, skipped, remaining } = counts;
    expect(succeeded + failed + skipped + (remaining ?? 0)).toBe(listed);
    const { destination, maxCostUsd } = jobRequest as { destination: string; maxCostUsd: number };
    expect(shown.destination).toBe(`${destination}${shown.id}/`);
    expect(maxCostUsd).toBeGreaterThan(0);
  });

  test('names no problem that there is not, each with its status', () => {
    const rows = [...read('docs/http-api.md').matchAll(/^\| (`[a-z`, -]+`) +\| ([^|]+?) +\|/gm)];
    expect(rows.length).toBeGreaterThan(8);
    for (const [, codes, statuses] of rows) {
      const stated = (statuses ?? '').match(/\d{3}/g);
      const actual = [...(codes ?? '').matchAll(/`([a-z-]+)`/g)].map(([, code]) =>
        String(PROBLEMS[code as keyof typeof PROBLEMS].status),
      );
      expect(stated).toEqual(actual);
    }
  });
});

test('docs/operations.md names every variable of the apps, and no other', () => {
  const known = globSync('apps/*/src/config.ts', { cwd: workspace }).flatMap((file) =>
    [...read(file).matchAll(/^ +([A-Z][A-Z_]+): /gm)].map(([, name]) => name ?? ''),
  );
  const documented = firstColumn('docs/operations.md').filter((name) => /^[A-Z_]+$/.test(name));
  expect(new Set(documented)).toEqual(new Set(known));
});

test('docs/operations.md names every metric of the apps', () => {
  const page = read('docs/operations.md');
  const names = Object.keys(METRICS).map((name) => name.replace('labelfleet_', ''));
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe('docs/operations.md, what it costs in money', () => {
  const page = read('docs/operations.md');
  const number = '([0-9.]+) +\\|';
  const row = new RegExp(
    `^\\| \`([a-z0-9-]+)\`[^|]+\\| +${Array(6).fill(number).join(' +')}$`,
    'gm',
  );
  const loads = [...page.matchAll(row)].map(([, load = '', ...figures]) => ({
    load,
    figures: figures.map(Number),
  }));

  test('has its loads', () => {
    expect(loads.length).toBe(7);
  });

  test.each(loads)('$load: as the report has it', ({ load, figures: [images, seconds] }) => {
    const runs = read('docs/scaling-report/results.csv')
      .split('\n')
      .map((line) => line.split(','))
      .filter(([workload, , policy]) => workload === load && policy === 'deadline');
    // images and billed_seconds
    const mean = (column: number) =>
      Math.round(runs.reduce((sum, run) => sum + Number(run[column]), 0) / runs.length);
    expect([images, seconds]).toEqual([mean(3), mean(5)]);
  });

  test.each(loads)('$load: by the prices', ({ figures }) => {
    const [images = NaN, seconds = NaN, ...told] = figures;
    const machine = { type: 'c7g.large', market: 'on-demand' } as const;
    const instances = instanceUsd(US_EAST_1_PRICES, machine, seconds) ?? NaN;
    const calls = callsUsd(US_EAST_1_PRICES, callsOfImage({ fifo: false }));
    const reports = callsUsd(US_EAST_1_PRICES, CALLS_OF_WORKER_SECOND);
    const queue = (calls.queue ?? NaN) * images + (reports.queue ?? NaN) * seconds;
    const store = (calls.store ?? NaN) * images;
    const ofThousand = [instances, queue, store, instances + queue + store].map((usd) =>
      Number(((1000 * usd) / images).toPrecision(3)),
    );
    expect(told).toEqual(ofThousand);
  });

  test('names the instance types of the price file', () => {
    expect(page).toContain(`${Object.keys(US_EAST_1.instanceHour).join(', ')}.`);
  });
});

test('docs/operations.md names every log event, and no other', () => {
  const page = read('docs/operations.md');
  const section = page.slice(page.indexOf('## Log events'), page.indexOf('## Metrics'));
  const documented = [...section.matchAll(/`([a-z_-]+\.[a-z-]+)`/g)].map(([, name]) => name ?? '');
  const sources = globSync(['apps/*/src/**/*.ts', 'libs/{runtime,telemetry}/src/**/*.ts'], {
    cwd: workspace,
    exclude: ['**/*.spec.ts', '**/testing/**'],
  });
  const logged = sources.flatMap((file) =>
    [...read(file).matchAll(/\bevent: '([a-z.-]+)'/g)].map(([, name]) => name ?? ''),
  );
  expect(new Set(documented)).toEqual(new Set(logged));
});
