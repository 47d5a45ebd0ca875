import axios from 'axios';
import NodeFormData from 'form-data';
import { createReadStream, openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { OpenAPIClientAxios, type Document } from 'openapi-client-axios';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStack, type StackUnderTest } from '../stack-under-test.ts';
import { BROWSER_FORMS } from './browser-forms.ts';
import { exec, missing, PYTHON, shell, WORKSPACE } from './programs.ts';

/** Every client that is not labelfleet's sends the same image, and must get the same label. */
const FILE = join(WORKSPACE, 'examples/ladybug.jpg');

let stack: StackUnderTest;
let url: string;
beforeAll(async () => {
  stack = await startStack({ MAX_WORKERS: '1', IDLE_BEFORE_RELEASE_SECONDS: '600' });
  url = stack.url.href;
});
afterAll(async () => {
  expect(await stack.end('SIGINT')).toBe(0);
  await stack[Symbol.asyncDispose]();
});

/** Runs a command with `URL` and `FILE` in it. */
const run = (command: string) => shell(command.replaceAll('URL', url).replaceAll('FILE', FILE));

describe.each([
  [
    '/usr/bin/curl',
    [
      'curl -sS -F myfile=@FILE URL',
      'curl -sS -F image=@- URL < FILE',
      'curl -sS -F text=hello -F "image=@FILE;type=text/plain;filename=notes.txt" URL',
      'curl -sS --data-binary @FILE URL',
      'curl -sS --data-binary @FILE -H "Content-Type: image/jpeg" URL',
      'curl -sS --data-binary @FILE -H Content-Type: URL',
      'curl -sS -X POST -T - URL < FILE',
      'curl -sS -X POST -T . URL < FILE',
      'curl -sS -H "Transfer-Encoding: chunked" -F image=@FILE URL',
      'curl -sS -H "Expect: 100-continue" -F image=@FILE URL',
      'curl -sS -H Expect: -F image=@FILE URL',
      'curl -sS --http1.0 -F image=@FILE URL',
      'curl -sS --http2 -F image=@FILE URL',
      'curl -sS --compressed -F image=@FILE URL',
      'curl -sS --limit-rate 20k -F image=@FILE URL',
      'curl -sS -L --post301 -F image=@FILE URL',
      'curl -sS -H "Accept: text/html, text/*;q=0.5" -F image=@FILE URL',
    ],
  ],
  [
    '/usr/bin/wget',
    [
      'wget -qO- --post-file=FILE URL',
      'wget -qO- --method=POST --body-file=FILE --header="Content-Type: image/jpeg" URL',
      'wget -qO- --no-http-keep-alive --post-file=FILE URL',
      'wget -qO- --compression=auto --post-file=FILE URL',
    ],
  ],
  [
    PYTHON,
    [
      `${PYTHON} -c 'import urllib.request as u; print(u.urlopen("URL", open("FILE", "rb").read()).read().decode())'`,
      `${PYTHON} -c 'import urllib.request as u; print(u.urlopen(u.Request("URL", open("FILE", "rb"), method="POST")).read().decode())'`,
    ],
  ],
])('%s', async (program, commands) => {
  const skipped = await missing(program);
  test.skipIf(skipped !== undefined).each(commands)(`%s ${skipped ?? ''}`, async (command) => {
    expect((await run(command)).trim()).toBe('ladybug');
  });
});

const noRequests = await missing(PYTHON, ['-c', 'import requests']);
test
  .skipIf(noRequests !== undefined)
  .each([
    'requests.post("URL", files={"myfile": open("FILE", "rb")})',
    'requests.post("URL", data=open("FILE", "rb").read())',
    'requests.post("URL", data=open("FILE", "rb"))',
    'requests.post("URL", data=iter([open("FILE", "rb").read()]))',
    'requests.Session().post("URL", files={"f": ("käfer.jpg", open("FILE", "rb"), "image/jpeg")})',
  ])(`%s ${noRequests ?? ''}`, async (call) => {
  expect(await run(`${PYTHON} -c 'import requests; print(${call}.text)'`)).toBe('ladybug\n');
});

const noAb = await missing('/usr/bin/ab', ['-V']);
describe.skipIf(noAb !== undefined)(`ab, which speaks HTTP/1.0 ${noAb ?? ''}`, () => {
  test.each(['', '-k'])('ab %s', async (flags) => {
    const report = await run(`ab ${flags} -n 12 -c 4 -p FILE -T image/jpeg URL`);
    expect(report).toMatch(/^Complete requests: +12$/m);
    expect(report).toMatch(/^Failed requests: +0$/m);
    expect(report).toMatch(/^Document Length: +7 bytes$/m);
    expect(report).not.toContain('Non-2xx');
    if (flags === '-k') expect(report).toMatch(/^Keep-Alive requests: +12$/m);
  });
});

const form = async () => {
  const form = new FormData();
  form.append('image', await openAsBlob(FILE), 'ladybug.jpg');
  return form;
};
const chunks = () => Readable.from(createReadStream(FILE, { highWaterMark: 1_000 }));

const LIBRARIES: Record<string, () => Promise<string>> = {
  'fetch with a form': async () => {
    const response = await fetch(url, { method: 'POST', body: await form() });
    return await response.text();
  },
  'fetch with bytes': async () => {
    const response = await fetch(url, { method: 'POST', body: await openAsBlob(FILE) });
    return await response.text();
  },
  'fetch with a stream': async () => {
    const body = Readable.toWeb(chunks()) as ReadableStream;
    return await (await fetch(url, { method: 'POST', body, duplex: 'half' })).text();
  },
  'undici with bytes': async () =>
    await (await request(url, { method: 'POST', body: await readFile(FILE) })).body.text(),
  'undici with a stream': async () =>
    await (await request(url, { method: 'POST', body: chunks() })).body.text(),
  'axios with a form': async () => (await axios.post<string>(url, await form())).data,
  'axios with bytes': async () => (await axios.post<string>(url, await readFile(FILE))).data,
  'axios with a stream': async () => (await axios.post<string>(url, chunks())).data,
  'form-data on node:http': () =>
    new Promise((resolve, reject) => {
      const body = new NodeFormData();
      body.append('image', createReadStream(FILE));
      const sending = httpRequest(url, { method: 'POST', headers: body.getHeaders() });
      sending.on('response', (response) => void text(response).then(resolve, reject));
      sending.on('error', reject);
      body.pipe(sending);
    }),
};

test.each(Object.keys(LIBRARIES))('%s', async (name) => {
  expect(await LIBRARIES[name]?.()).toBe('ladybug');
});

test.each(BROWSER_FORMS)('a form of $browser without JavaScript', async ({ headers, body }) => {
  const image = await readFile(FILE);
  const answer = await request(url, {
    method: 'POST',
    headers: { ...headers, origin: stack.url.origin },
    body: body(image),
  });
  expect(await answer.body.text()).toBe('ladybug');
  expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  const asJson = await request(new URL('/v1/classifications', url), {
    method: 'POST',
    headers: { ...headers, accept: 'application/json', origin: stack.url.origin },
    body: body(image),
  });
  expect(await asJson.body.json()).toMatchObject({ fileName: 'Käfer %22rot%22.jpg' });
});

/** The examples of docs/http-api.md in one language. */
async function examples(language: string): Promise<string[]> {
  const page = await readFile(join(WORKSPACE, 'docs/http-api.md'), 'utf8');
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...blocks].map(([, text]) => (text ?? '').replaceAll('http://127.0.0.1:8080/', url));
}

test('the TypeScript example of docs/http-api.md', async () => {
  const [example = ''] = await examples('ts');
  const { stdout } = await exec(
    process.execPath,
    ['--input-type=module-typescript', '-e', example],
    {
      cwd: WORKSPACE,
    },
  );
  const lines = ['examples/ladybug.jpg ladybug', 'examples/orange.jpg orange'];
  expect(stdout.trim().split('\n').sort()).toEqual(lines);
});

test.skipIf(noRequests !== undefined)(
  `the Python example of docs/http-api.md ${noRequests ?? ''}`,
  async () => {
    const [example = ''] = await examples('python');
    const { stdout } = await exec(PYTHON, ['-c', example], { cwd: WORKSPACE });
    expect(stdout).toBe('ladybug\n');
  },
);

describe('curl shows', () => {
  test.each([
    ['the page by HEAD', '-I URL', /^HTTP\/1\.1 200 [^]*content-type: text\/html/i],
    ['the methods', '-i -X OPTIONS URL', /^HTTP\/1\.1 204 [^]*allow: GET, HEAD, POST/i],
    ['that PUT is no method', '-i -T FILE URLv1/classifications', /405 [^]*allow: POST/i],
    ['a label for an upload by POST', '-X POST -T FILE URLv1/classifications', /"ladybug"/],
    ['that HEAD is none', '-I URLv1/classifications', /^HTTP\/1\.1 405 [^]*allow: POST/i],
    ['that DELETE is none', '-i -X DELETE URL', /^HTTP\/1\.1 405 [^]*problem:method-not-allowed/i],
    [
      'that no image is sent as an answer',
      '-i -H "Accept: image/png" -F image=@FILE URL',
      /HTTP\/1\.1 406 [^]*problem:not-acceptable/,
    ],
    [
      'that text is no image, before and after it is sent in chunks',
      '-i -X POST -T - URL < README.md',
      /HTTP\/1\.1 415 [^]*problem:unsupported-media-type/,
    ],
    ['that a form without a file is no image', '-i -F a=b URL', /400 [^]*problem:missing-image/],
    ['that a URL-encoded form is none', '-i -d a=b URL', /415 [^]*unsupported-media-type/],
  ])('%s', async (_case, args, answer) => {
    expect(await run(`curl -sS ${args}`)).toMatch(answer);
  });
});

test('a client made from the OpenAPI document classifies an image and reads it again', async () => {
  const definition = (await (await fetch(new URL('openapi.json', url))).json()) as Document;
  const api = new OpenAPIClientAxios({ definition, axiosConfigDefaults: { baseURL: url } });
  const client = await api.init();
  const form = new FormData();
  form.append('myfile', await openAsBlob(FILE), 'ladybug.jpg');
  const classified = await client['post-v1-classifications']?.({ topK: 2 }, form);
  expect(classified?.data).toMatchObject({ label: 'ladybug', predictions: { length: 2 } });
  const { id } = classified?.data as { id: string };
  const again = await client['get-v1-classifications-id']?.({ id });
  expect(again?.data).toEqual(classified?.data);
});
