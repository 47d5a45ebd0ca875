import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WORKLOADS } from '../workloads/index.ts';
import { aReport, aReportedWorkload, aRun } from './testing/a-report.ts';
import { judge } from './verdict.ts';
import { renderReport, writeReport } from './write-report.ts';

const report = aReport();
const claims = judge(report, ['day']);

describe('the report', () => {
  it('is byte for byte the same for the same results', () => {
    expect([...renderReport(aReport(), claims)]).toEqual([...renderReport(report, claims)]);
  });

  it('begins with the conclusion', () => {
    const page = (renderReport(report, claims).get('README.md') ?? '').replaceAll(/ +/g, ' ');
    const titles = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      'Which scaler? All policies on all workloads',
      'Workload by workload',
      'Pictures',
    ]);
    expect(page).toContain(
      '`deadline` answers 95 % of all images within the target wait on 1 of 1 workloads, and stops no busy worker.',
    );
    expect(page).toContain('| $0.0240 | 1.33 | 2.00 s | fixed, $0.180, 0.40 s |');
  });

  it('links to each of its charts, and only to existing ones', () => {
    const files = renderReport(
      aReport({
        workloads: [aReportedWorkload('day-14')],
        results: report.results.map((run) => ({ ...run, workload: 'day-14' })),
      }),
      claims,
    );
    const shown = [...(files.get('README.md') ?? '').matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)];
    expect(shown.map(([, file]) => file)).toEqual(['day-14-plane.svg', 'day-14-fleet.svg']);
    expect([...files.keys()].slice(2)).toEqual(['day-14-plane.svg', 'day-14-fleet.svg']);
  });

  it('has a line for every run in results.csv', () => {
    const lines = (renderReport(report, claims).get('results.csv') ?? '').trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 3);
    const [header, first] = lines.map((line) => line.split(','));
    expect(first).toHaveLength(header?.length ?? 0);
    expect(first?.slice(0, 3)).toEqual(['day', '1', 'deadline']);
    expect(header?.slice(-4).join()).toBe(
      'bound_target_s,bound_same_p95_s,bound_hourly_s,bound_all_s',
    );
    expect(first?.slice(-4)).toEqual(['900', '980', '1000', '1100']);
  });

  it('is small even with all workloads and a dozen policies', () => {
    const workloads = WORKLOADS.map(({ name }) => aReportedWorkload(name));
    const results = workloads.flatMap(({ name }) =>
      Array.from({ length: 14 }, (_, index) =>
        aRun(index === 0 ? 'deadline' : `rival-${index}`, 1000 + 300 * index, 60 / (index + 1), {
          workload: name,
          // Never the same twice: as large as a chart gets.
          series: Array.from({ length: 480 }, (_, at) => ({
            atSeconds: (at * 3600) / 480,
            fleet: 1 + ((at * 7 + index) % 19),
            booting: at % 3,
            backlog: (at * 13) % 997,
          })),
        }),
      ),
    );
    const files = renderReport(aReport({ workloads, results }), claims);
    const size = [...files.values()].reduce((sum, file) => sum + Buffer.byteLength(file), 0);
    expect(size).toBeLessThan(500_000);
  });

  it('leaves other files in its folder alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'report-'));
    try {
      await writeFile(join(folder, 'why.md'), 'reason');
      await writeReport(report, claims, folder);
      expect((await readdir(folder)).sort()).toEqual(
        [...renderReport(report, claims).keys(), 'why.md'].sort(),
      );
      expect(await readFile(join(folder, 'why.md'), 'utf8')).toBe('reason');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
