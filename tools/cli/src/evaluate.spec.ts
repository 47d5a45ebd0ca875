import { readModelDir } from '@labelfleet/inference/model-tools';
import { exampleModels, plain } from '@labelfleet/inference/testing';
import { EXIT } from '@labelfleet/runtime';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'labelfleet-evaluate-'));
  const images = {
    'red/a.png': 'rgb(200, 0, 0)',
    'red/b.png': 'rgb(200, 100, 0)',
    'n1/a.png': 'rgb(0, 200, 0)',
    'n1/b.png': 'rgb(0, 100, 200)', // Its folder says green, and its pixels are blue.
    'purple/a.png': 'rgb(200, 0, 200)',
  };
  for (const [file, colour] of Object.entries(images)) {
    await mkdir(join(data, file, '..'), { recursive: true });
    await writeFile(join(data, file), await plain(colour).png().toBuffer());
  }
  await writeFile(join(data, 'n1', 'notes.txt'), 'not an image by its name');
  await writeFile(join(data, 'labels.tsv'), 'n0\tblue\nn1\tgreen\n');
});
afterAll(() => rm(data, { recursive: true }));

async function evaluate(...args: string[]) {
  const script = join(import.meta.dirname, 'evaluate.ts');
  const env = { ...process.env, MODEL_DIR: exampleModels.anySize };
  const child = spawn(process.execPath, [script, ...args], { env });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exited, stdout, stderr };
}

it('prints the metrics, and names the folders it skipped', async () => {
  const { code, stdout, stderr } = await evaluate('--data', data, '--threads', '1');
  expect(stderr).toBe('Skipped because the model has no such class: purple\n');
  // Three of four labels are right, and the model's scores are all close to 1: |3/4 - 1|.
  expect(stdout.replace(/per second  \d+/, 'per second  N')).toBe(`\
model              any-size 1
images             4 of 2 classes
top-1              75.0 %
top-5              100.0 %
calibration error  0.250 (15 bins)
images per second  N (1 thread)
demanded precision
${['0.50', '0.60', '0.70', '0.80', '0.85', '0.90', '0.95', '0.99'].map((demand) => `  ${demand}  no score is that precise: no image gets a label\n`).join('')}\
worst classes
  green   50.0 %  otherwise most often blue
  red    100.0 %
`);
  expect(code).toBe(0);
});

it('saves accuracy and calibration table in the model directory, and other images in its card', async () => {
  const model = join(data, '..', `${basename(data)}-model`);
  await cp(exampleModels.anySize, model, { recursive: true });
  onTestFinished(() => rm(model, { recursive: true }));
  const card = join(model, 'README.md');
  await writeFile(card, '# any-size\n\nIt knows two colours.\n');
  const others = ['--none-of-these', join(data, 'purple'), '--share', '0.25', '--save'];
  // The second time replaces what the first has saved.
  for (let time = 0; time < 2; time += 1) {
    const { code, stdout } = await evaluate('--data', data, '--model', model, ...others);
    expect(stdout).toContain('other images       1, AUROC 1.000');
    expect(code).toBe(0);
  }
  const { manifest } = await readModelDir(model);
  expect(manifest).toMatchObject({
    name: 'any-size',
    accuracy: { images: 4, top1: 0.75, top5: 1 },
    calibration: { images: 4, confidence: 0.95 },
  });
  // 3 of 4 are right. For 0.2486 of an infinite number, at least 3 of 4 would be right in one case of 20.
  expect(manifest.calibration?.thresholds[0]).toEqual({
    ...{ score: 0, labeled: 1, precision: 0.75, precisionAtLeast: 0.2486 },
  });
  const text = await readFile(card, 'utf8');
  expect(text).toMatch(/^# any-size\n\nIt knows two colours\.\n\n<!-- /);
  expect(text.match(/## Unknown/g)).toHaveLength(1);
  expect(text).toContain('| 0.99 | none | 0.0 % |  |  |  |');
  expect(text).toContain('right with 25 % other images');
});

it('prints JSON, and reports images that cannot be classified', async () => {
  await writeFile(join(data, 'red', 'c.png'), 'not an image');
  const { code, stdout, stderr } = await evaluate('--data', data, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ images: 4, failed: 1, top1: 0.75, top5: 1 });
  expect(stderr).toContain('c.png: The file is not a JPEG');
  expect(code).toBe(1);
});

it.each([
  ['nowhere', /^nowhere cannot be read: There is no such file or folder\. Check the path\.\n$/],
  [import.meta.dirname, /contains no folder that is named after a class of the model/],
])('exits with 66 when it cannot evaluate on %s', async (folder, message) => {
  const { code, stderr } = await evaluate('--data', folder);
  expect(stderr).toMatch(message);
  expect(code).toBe(EXIT.noInput);
});
