import type { Handler } from 'hono';
import { cacheableResponse } from '../http/cacheable.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import { DOCS_POLICY, docsPage } from '../openapi/docs-page.ts';
import { openApiDocument } from '../openapi/document.ts';
import { OPERATIONS } from '../openapi/operations.ts';

/** Serves the OpenAPI document, and the same as a page. Both are made at the first request. */
export function apiDocs(version: string): Record<'document' | 'page', Handler<GatewayEnv>> {
  let made: { document: string; page: string } | undefined;
  const texts = () => {
    if (made === undefined) {
      const document = openApiDocument(OPERATIONS, { version });
      made = { document: JSON.stringify(document), page: docsPage(document) };
    }
    return made;
  };
  const served =
    (of: 'document' | 'page', headers: Readonly<Record<string, string>>): Handler<GatewayEnv> =>
    (c) =>
      cacheableResponse(texts()[of], headers, c.req.header('if-none-match'));
  return {
    document: served('document', { 'content-type': 'application/json' }),
    page: served('page', {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': DOCS_POLICY,
      'x-content-type-options': 'nosniff',
    }),
  };
}
