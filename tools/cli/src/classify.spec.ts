import { problem, startStubGateway } from '@labelfleet/client/testing';
import { exampleModels, plain, textured } from '@labelfleet/inference/testing';
import { EXIT } from '@labelfleet/runtime';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A process starts slowly on a busy machine. */
const WAIT = { timeout: 20_000 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelfleet-classify-'));
  await writeFile(join(folder, 'image.png'), await textured().png().toBuffer());
  await writeFile(join(folder, 'notes.txt'), 'not an image');
  await mkdir(join(folder, 'album', 'old'), { recursive: true });
  for (const [name, colour] of Object.entries({ 'b 2': 'red', 'b 10': 'lime', 'old/a': 'blue' })) {
    await writeFile(join(folder, 'album', `${name}.png`), await plain(colour).png().toBuffer());
  }
});
afterAll(() => rm(folder, { recursive: true }));

const classify = (...args: string[]) => classifyWith({}, ...args);

function start(
  { env = {}, input = '' }: { env?: Record<string, string>; input?: string },
  ...args: string[]
) {
  const script = join(import.meta.dirname, 'classify.ts');
  const options = { cwd: folder, env: { ...process.env, ...env } };
  const child = spawn(process.execPath, [script, ...args], options);
  child.stdin.end(input);
  const exited = new Promise((resolve) => child.on('close', resolve));
  const ended = Promise.all([exited, text(child.stdout), text(child.stderr)]).then(
    ([code, stdout, stderr]) => ({ code, stdout, stderr }),
  );
  return { child, ended };
}

const classifyWith = (...args: Parameters<typeof start>) => start(...args).ended;

it('prints a line per file, in order, and one on standard error for a file that is not an image', async () => {
  const { code, stdout, stderr } = await classify('image.png', 'notes.txt', './image.png');
  expect(stdout).toMatch(
    /^image\.png\t[^\t\n]+\t[01]\.\d{4}\n\.\/image\.png\t[^\t\n]+\t[01]\.\d{4}\n$/,
  );
  expect(stderr).toBe('notes.txt: The file is not a JPEG, PNG, WebP, GIF, AVIF or TIFF image.\n');
  expect(code).toBe(1);
});

it('prints unknown where the model is not as precise as demanded', async () => {
  const demand = (precision: string, ...more: string[]) =>
    classify('--min-precision', precision, ...more, 'image.png');
  // The embedded model is right on two of three images, whatever the score, and never proves 0.99.
  const [sure, unsure, json] = await Promise.all([
    demand('0.6'),
    demand('0.99'),
    demand('0.99', '--json'),
  ]);
  expect(sure.stdout).toMatch(/^image\.png\t(?!unknown)[^\t]+\t[01]\.\d{4}\n$/);
  expect(unsure.stdout).toMatch(/^image\.png\tunknown\t[01]\.\d{4}\n$/);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ...{ file: 'image.png', label: null, unknown: true },
    predictions: [{ label: sure.stdout.split('\t')[1] }],
  });
});

it('exits with 66 if nothing is known about the precision of the model', async () => {
  const { code, stderr } = await classifyWith(
    { env: COLOURS },
    ...['--min-precision', '0.9', 'image.png'],
  );
  expect(stderr).toMatch(/the model any-size\/1 has no calibration table/);
  expect(code).toBe(EXIT.noInput);
});

const COLOURS = { MODEL_DIR: exampleModels.anySize };
const colours = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[1]);

it('uses the model of MODEL_DIR, and prefers the one of --model', async () => {
  const { stdout } = await classifyWith({ env: COLOURS }, 'album/b 2.png');
  expect(colours(stdout)).toEqual(['red']);
  const other = await classifyWith(
    { env: COLOURS },
    '--model',
    exampleModels.oldFormat,
    'album/b 2.png',
  );
  expect(colours(other.stdout)).toEqual(['grey']);
});

it('classifies a folder and the folders below it, and reports a path that does not exist', async () => {
  const { code, stdout, stderr } = await classifyWith({ env: COLOURS }, 'album', 'nowhere');
  expect(colours(stdout)).toEqual(['red', 'green', 'blue']);
  expect(stdout).toMatch(/^album\/b 2\.png\t.*\nalbum\/b 10\.png\t.*\nalbum\/old\/a\.png\t/);
  expect(stderr).toBe('nowhere: There is no such file or folder. Check the path.\n');
  expect(code).toBe(1);
});

it.each([
  ['lines', 'album/old/a.png\nalbum/b 2.png\n'],
  ['lines of Windows', 'album/old/a.png\r\nalbum/b 2.png\r\n'],
  ['NULs', 'album/old/a.png\0album/b 2.png\0'],
  ['a folder and a file', 'album/old\nalbum/b 2.png'],
])('replaces - by the paths that standard input lists (%s)', async (_, input) => {
  const { code, stdout } = await classifyWith({ env: COLOURS, input }, 'album/b 10.png', '-');
  expect(colours(stdout)).toEqual(['green', 'blue', 'red']);
  expect(code).toBe(0);
});

it('exits with 66 when standard input lists no file', async () => {
  const { code, stderr } = await classify('-');
  expect(stderr).toBe('Standard input lists no file. Write one path per line.\n');
  expect(code).toBe(66);
});

it('prints JSON lines with as many predictions as --top-k asks for', async () => {
  const { code, stdout } = await classify('--json', '--top-k', '2', 'image.png');
  const prediction = {
    label: expect.any(String) as string,
    score: expect.any(Number) as number,
    classIndex: expect.any(Number) as number,
  };
  expect(JSON.parse(stdout)).toEqual({
    file: 'image.png',
    predictions: [prediction, prediction],
  });
  expect(code).toBe(0);
});

it('names a model directory that does not exist in one line', async () => {
  const { code, stderr } = await classify('--model', 'nowhere', 'image.png');
  expect(stderr).toMatch(
    /^The model's nowhere\/manifest\.json cannot be read: There is no such file or folder\. Check the path\.\n$/,
  );
  expect(code).toBe(66);
});

// ONNX Runtime's telemetry, which is turned off, crashed on command lines of more than 16,000 characters.
it('classifies 300 files that are named on a command line of 27,000 characters', async () => {
  const files = Array.from({ length: 300 }, () => `${'./'.repeat(40)}image.png`);
  const { code, stdout } = await classify(...files);
  expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 300 });
});

describe('--output', () => {
  const outputOf = async (name: string) => await readFile(join(folder, name), 'utf8');

  it('appends to a file, without the images that it has, and after a line that was cut short', async () => {
    const args = ['--output', 'labels.tsv', 'album'];
    expect(await classifyWith({ env: COLOURS }, ...args)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    const whole = await outputOf('labels.tsv');
    const [first = '', second = ''] = whole.split('\n');
    await writeFile(join(folder, 'labels.tsv'), `${first}\n${second.slice(0, 12)}`);
    expect((await classifyWith({ env: COLOURS }, ...args)).code).toBe(0);
    expect(await outputOf('labels.tsv')).toBe(whole);
    // With nothing left to do, the model is not even opened.
    expect(await classifyWith({ env: { MODEL_DIR: 'nowhere' } }, ...args)).toMatchObject({
      code: 0,
    });
  });

  it.each([
    [['--csv'], 'file,label,score\n', 'does not begin with file,label,score,label2,score2'],
    [['--json'], '{"file":"a"}\na\tox\t1\n', 'has another format in line 2'],
    [[], 'notes\n', 'has another format in line 1'],
  ])('does not append to a file of another format (%j)', async (flags, text, fault) => {
    await writeFile(join(folder, 'other'), text);
    const args = [...flags, '--top-k', '2', '--output', 'other', 'image.png'];
    const { code, stderr } = await classify(...args);
    expect(stderr).toContain(`other ${fault}`);
    expect(code).toBe(73);
    expect(await outputOf('other')).toBe(text);
  });

  it('writes CSV that no spreadsheet takes for a formula', async () => {
    await copyFile(join(folder, 'image.png'), join(folder, '=1+1,.png'));
    const args = ['--csv', '--output', 'labels.csv', '=1+1,.png'];
    await classifyWith({ env: COLOURS }, ...args);
    await classifyWith({ env: COLOURS }, ...args);
    expect(await outputOf('labels.csv')).toMatch(
      /^file,label,score\n"'=1\+1,\.png",[a-z]+,[01]\.\d{4}\n$/,
    );
  });
});

describe('--url', () => {
  it('sends files, folders and references to the service, with the API key of the environment', async () => {
    await using stub = await startStubGateway({
      interfere: ({ body }, response) => {
        if (!body.includes('notes.txt')) return false;
        problem(response, 'unsupported-media-type', 415);
        return true;
      },
    });
    const { code, stdout, stderr } = await classifyWith(
      { env: { LABELFLEET_API_KEY: 'lf_1_secret' } },
      ...['--url', stub.url, 'album', 'notes.txt', 's3://photos/cat.jpg'],
    );
    expect(stdout.trim().split('\n').sort()).toEqual([
      'album/b 10.png\tlabel of b 10.png\t0.9000',
      'album/b 2.png\tlabel of b 2.png\t0.9000',
      'album/old/a.png\tlabel of a.png\t0.9000',
      's3://photos/cat.jpg\tlabel of a body\t0.9000',
    ]);
    expect(stderr).toBe('notes.txt: It is unsupported-media-type.\n');
    expect(code).toBe(1);
    const keys = new Set(stub.arrived.map(({ headers }) => headers.authorization));
    expect([...keys]).toEqual(['Bearer lf_1_secret']);
  });

  it('says that it tries again', async () => {
    let refused = false;
    await using stub = await startStubGateway({
      interfere: (_, response) => {
        if (refused) return false;
        refused = true;
        problem(response, 'overloaded', 503);
        return true;
      },
    });
    const { code, stderr } = await classify('--url', stub.url, 'image.png');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'It is overloaded. Trying again in 1 s.\n',
    });
  });

  it('prints all that the service says as JSON', async () => {
    await using stub = await startStubGateway();
    const { stdout } = await classify('--url', stub.url, '--json', 'image.png');
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'image.png',
      label: 'label of image.png',
      predictions: [{ score: 0.9 }],
      id: expect.any(String) as string,
    });
  });

  it('stops at Ctrl-C, keeps the labels that came, and continues with the same command', async () => {
    await using stub = await startStubGateway({ completes: false });
    const args = ['--url', stub.url, '--output', 'stopped.tsv', 'album'];
    const { child, ended } = start({}, ...args);
    await expect.poll(() => stub.queued(), WAIT).toHaveLength(3);
    const lines = async () =>
      (await readFile(join(folder, 'stopped.tsv'), 'utf8')).split('\n').length - 1;
    stub.complete(stub.queued()[0]?.id ?? '');
    await expect.poll(lines, WAIT).toBe(1);
    child.kill('SIGINT');
    expect(await ended).toEqual({
      code: 130,
      stdout: '',
      stderr: 'Stopped. The same command again continues.\n',
    });

    const again = start({}, ...args);
    await expect.poll(() => stub.requests(), WAIT).toBe(5);
    stub.completeAll();
    expect((await again.ended).code).toBe(0);
    expect(await lines()).toBe(3);
  });

  it('says what is wrong when the service refuses everything, or is not there', async () => {
    let url: string;
    {
      await using stub = await startStubGateway({
        interfere: (_, response) => {
          problem(response, 'unauthorized', 401);
          return true;
        },
      });
      url = stub.url;
      const { code, stderr } = await classify('--url', url, 'image.png');
      expect(stderr).toBe('It is unauthorized. Set LABELFLEET_API_KEY.\n');
      expect(code).toBe(69);
    }
    const { code, stderr } = await classify('--url', url, 'image.png');
    expect(stderr).toContain('cannot be reached: Nothing listens at that address and port.');
    expect(code).toBe(69);
  });
});
