import { readFile } from 'node:fs/promises';
import { entityTag } from '../http/cacheable.ts';

const FILES = {
  '/': { name: 'index.html', contentType: 'text/html; charset=utf-8' },
  '/page.css': { name: 'page.css', contentType: 'text/css; charset=utf-8' },
  '/page.js': { name: 'page.js', contentType: 'text/javascript; charset=utf-8' },
  '/fleet.js': { name: 'fleet.js', contentType: 'text/javascript; charset=utf-8' },
} as const;

type WebPath = keyof typeof FILES;

export interface WebFile {
  body: Uint8Array<ArrayBuffer>;
  contentType: string;
  etag: string;
}

export type WebFiles = Readonly<Record<WebPath, WebFile>>;

/** Reads the page's files. @param folder ends with a slash */
export async function readWebFiles(folder: URL): Promise<WebFiles> {
  const read = async (path: WebPath): Promise<WebFile> => {
    const body = await readFile(new URL(FILES[path].name, folder));
    return { body, contentType: FILES[path].contentType, etag: entityTag(body) };
  };
  return {
    '/': await read('/'),
    '/page.css': await read('/page.css'),
    '/page.js': await read('/page.js'),
    '/fleet.js': await read('/fleet.js'),
  };
}
