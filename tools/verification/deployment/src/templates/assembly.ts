import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { WORKSPACE } from '../namespace.ts';
import { APPS, packFile, type App } from '../packs.ts';

const DEPLOY = join(WORKSPACE, 'tools/deploy/src');
const run = promisify(execFile);

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
const template = z.object({
  Resources: z.record(z.string(), resource),
  Outputs: z.record(
    z.string(),
    z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }),
  ),
  Parameters: z.record(z.string(), z.object({ Type: z.string() })).default({}),
});
export type Template = z.output<typeof template>;

const assets = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string() }),
      destinations: z.record(
        z.string(),
        z.object({ bucketName: z.string(), objectKey: z.string() }),
      ),
    }),
  ),
});

/** What CDK makes of a deployment: templates, and files to upload before they are deployed. */
export interface Assembly {
  data: Template;
  run: Template;
  /** Names of buckets have `Fn::Sub`'s variables. */
  files: { file: string; bucketName: string; objectKey: string }[];
}

/**
 * Synthesizes a deployment whose workers are of this machine's architecture, with their real pack. The packs of gateway
 * and scaler are empty.
 * @param folder where the templates are written
 */
export async function synthesize(folder: string): Promise<Assembly> {
  const packs: Partial<Record<App, { file: string; sha256: string }>> = {};
  await mkdir(folder, { recursive: true });
  for (const app of APPS) {
    const file = join(folder, `${app}.tar.gz`);
    await writeFile(file, app);
    packs[app] = { file, sha256: '0'.repeat(64) };
  }
  const file = packFile('worker', process.arch);
  const [sha256 = ''] = (await readFile(`${file}.sha256`, 'utf8')).split(' ');
  const outdir = join(folder, 'cdk.out');
  const options = {
    'allow-from': '203.0.113.7/32',
    // CloudWatch's agent is on Amazon Linux only.
    'no-logs': true,
    'worker-types': process.arch === 'arm64' ? 'c7g.large,c8g.large' : 'c7i.large,c8i.large',
  };
  await run(process.execPath, [join(DEPLOY, 'main.ts'), 'install']);
  await run(process.execPath, [
    join(DEPLOY, 'testing/write-assembly.ts'),
    JSON.stringify({ outdir, packs: { ...packs, worker: { file, sha256 } }, options }),
  ]);
  const read = async (name: string) =>
    JSON.parse(await readFile(join(outdir, name), 'utf8')) as unknown;
  const { files } = assets.parse(await read('labelfleet-run.assets.json'));
  return {
    data: template.parse(await read('labelfleet-data.template.json')),
    run: template.parse(await read('labelfleet-run.template.json')),
    files: Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map((to) => ({ ...to, file: join(outdir, source.path) })),
    ),
  };
}
