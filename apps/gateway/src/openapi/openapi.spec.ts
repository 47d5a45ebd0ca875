import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { fakeGateway } from '../testing/gateway.ts';
import { OPERATIONS } from './operations.ts';

/** Addresses that are no part of the API: the files of the web page, and what only operators read. */
const UNDOCUMENTED = /^\/page\.(css|js)$|^\/samples\/|^\/metrics$/;

test('every address of the gateway is in the OpenAPI document, and no other', async () => {
  await using gateway = await fakeGateway();
  const served = gateway.app.routes
    .filter(({ method, path }) => /^(GET|POST)$/.test(method) && !UNDOCUMENTED.test(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  const documented = Object.entries(OPERATIONS).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.toSorted()).toEqual([...new Set(served)].toSorted());
});

test('the document is valid OpenAPI 3.1', async () => {
  await using gateway = await fakeGateway();
  const response = await gateway.app.request('/openapi.json');
  expect(response.headers.get('content-type')).toBe('application/json');
  const document = (await response.json()) as Record<string, unknown>;
  const validator = new Validator();
  expect(await validator.validate(document)).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('the page of the document names every call and loads nothing', async () => {
  await using gateway = await fakeGateway();
  const response = await gateway.app.request('/docs');
  const html = await response.text();
  for (const [path, methods] of Object.entries(OPERATIONS))
    for (const method of Object.keys(methods))
      expect(html).toContain(`${method.toUpperCase()}</span> <code>${path}</code>`);
  expect(html).not.toMatch(/<script|<link|<img|src=|url\(|href="(?:https?:)?\/\//);
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
});
