import { readFile } from 'node:fs/promises';
import { entityTag } from '../http/cacheable.ts';
import type { buildPage } from './build-page.ts';

/** The files of the web page by their paths. The page names them relative to its own address. */
const FILES = {
  '/': { name: 'index.html', contentType: 'text/html; charset=utf-8' },
  '/page.css': { name: 'page.css', contentType: 'text/css; charset=utf-8' },
  '/page.js': { name: 'page.js', contentType: 'text/javascript; charset=utf-8' },
  '/samples/ladybug.jpg': { name: 'samples/ladybug.jpg', contentType: 'image/jpeg' },
  '/samples/orange.jpg': { name: 'samples/orange.jpg', contentType: 'image/jpeg' },
  '/samples/sunglasses.jpg': { name: 'samples/sunglasses.jpg', contentType: 'image/jpeg' },
} as const;

type WebPath = keyof typeof FILES;

export interface WebFile {
  body: Uint8Array<ArrayBuffer>;
  contentType: string;
  etag: string;
}

export type WebFiles = Readonly<Record<WebPath, WebFile>>;

/** Reads the page's files, writes the gateway's limit into the page, and leaves out its indentation. */
export async function readWebFiles(limits: { maxImageBytes: number }): Promise<WebFiles> {
  const files = Object.entries(FILES).map(async ([path, { name, contentType }]) => {
    const bytes = await read(name);
    const body = path === '/' ? withLimits(bytes, limits.maxImageBytes) : bytes;
    return [path, { body, contentType, etag: entityTag(body) }] as const;
  });
  return Object.fromEntries(await Promise.all(files)) as Record<WebPath, WebFile>;
}

interface Builder {
  buildPage: typeof buildPage;
}

/** In the bundle this code has the folder `web` next to it, with the built script and style. */
async function read(name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!import.meta.url.endsWith('.ts')) return readFile(new URL(`web/${name}`, import.meta.url));
  if (name !== 'page.js' && name !== 'page.css')
    return readFile(new URL(`public/${name}`, import.meta.url));
  // An import that esbuild cannot follow, so that the bundle needs no esbuild.
  const builder = new URL('build-page.ts', import.meta.url).href;
  const { buildPage } = (await import(builder)) as Builder;
  return new Uint8Array(buildPage()[name]);
}

function withLimits(page: Uint8Array, maxImageBytes: number): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder()
    .decode(page)
    .replaceAll(/\n\s+/g, '\n')
    .replaceAll('{maxImageBytes}', String(maxImageBytes))
    .replaceAll('{maxImageMegabytes}', `${Number((maxImageBytes / 1_048_576).toPrecision(2))} MB`);
  return new TextEncoder().encode(text);
}
