import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** The packages that a bundle of one subpath imports. */
async function packagesOf(subpath: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(subpath, import.meta.url))],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.inputs).flatMap(({ imports }) => imports);
  const names = imports
    .filter(({ external, path }) => external === true && !path.startsWith('node:'))
    .map(({ path }) => path);
  return [...new Set(names)].sort();
}

test.each([
  ['./errors.ts', []],
  ['./queue/index.ts', ['@aws-sdk/client-sqs']],
  ['./store/index.ts', ['@aws-sdk/client-s3']],
  ['./fleet/index.ts', ['@aws-sdk/client-ec2']],
  ['./metadata/index.ts', ['@aws-sdk/ec2-metadata-service']],
])('%s imports only its own client', async (subpath, packages) => {
  expect(await packagesOf(subpath)).toEqual(packages);
});
