import type { Handler } from 'hono';
import { cacheableResponse } from '../http/cacheable.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import type { WebFile } from '../web/web-files.ts';

/** The page loads only from its own origin. `blob:` shows the chosen images, `data:` the page's icon. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  // Without JavaScript the page's form posts an image.
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Serves one file of the web page. */
export const webFile =
  ({ body, contentType, etag }: WebFile): Handler<GatewayEnv> =>
  (c) =>
    cacheableResponse(
      body,
      {
        'content-type': contentType,
        'content-security-policy': CONTENT_SECURITY_POLICY,
      },
      c.req.header('if-none-match'),
      etag,
    );
