import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const WEB = join(import.meta.dirname, '../../../../../dist/apps/gateway/web');
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  jpg: 'image/jpeg',
};

/** A file of the built page with its headers; undefined if there is none. */
export async function readPageFile(pathname: string) {
  const name = pathname === '/' ? 'index.html' : pathname.slice(1);
  const bytes = await readFile(join(WEB, name)).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const headers = {
    'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? '',
    'content-security-policy': CONTENT_SECURITY_POLICY,
  };
  if (name !== 'index.html') return { headers, body: bytes };
  const body = bytes
    .toString()
    .replaceAll('{maxImageBytes}', '33554432')
    .replaceAll('{maxImageMegabytes}', '32 MB');
  return { headers, body };
}
