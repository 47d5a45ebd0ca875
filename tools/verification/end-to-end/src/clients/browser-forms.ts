/** What a browser sends for a form without JavaScript: its headers, and the body with the image in it. */
export interface BrowserForm {
  browser: string;
  headers: Record<string, string>;
  body: (image: Buffer) => Buffer;
}

const NAVIGATION = {
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-user': '?1',
  'upgrade-insecure-requests': '1',
};

const lines = (...of: string[]) => Buffer.from(of.join('\r\n'));

/** Browsers write the bytes of a file name as they are, and %22 for a quote. A file input left empty has no name. */
const form = (boundary: string) => (image: Buffer) =>
  Buffer.concat([
    lines(
      `--${boundary}`,
      'Content-Disposition: form-data; name="image"; filename="Käfer %22rot%22.jpg"',
      'Content-Type: image/jpeg',
      '',
      '',
    ),
    image,
    lines(
      '',
      `--${boundary}`,
      'Content-Disposition: form-data; name="another"; filename=""',
      'Content-Type: application/octet-stream',
      '',
      '',
      `--${boundary}`,
      'Content-Disposition: form-data; name="send"',
      '',
      'Classify',
      `--${boundary}--`,
      '',
    ),
  ]);

const CHROMIUM = '----WebKitFormBoundary7MA4YWxkTrZu0gW';
const FIREFOX = '----geckoformboundaryc5f9d4a7a1f5d5b9a1e0c3f8b2d7e6a4';
const OLD_FIREFOX = '---------------------------9051914041544843365972754266';

export const BROWSER_FORMS: BrowserForm[] = [
  {
    browser: 'Chromium',
    headers: {
      ...NAVIGATION,
      accept:
        'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
      'accept-encoding': 'gzip, deflate, br, zstd',
      'cache-control': 'max-age=0',
      'content-type': `multipart/form-data; boundary=${CHROMIUM}`,
    },
    body: form(CHROMIUM),
  },
  {
    browser: 'Firefox',
    headers: {
      ...NAVIGATION,
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'accept-encoding': 'gzip, deflate, br, zstd',
      'content-type': `multipart/form-data; boundary=${FIREFOX}`,
    },
    body: form(FIREFOX),
  },
  {
    browser: 'an old Firefox',
    headers: {
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'accept-encoding': 'gzip, deflate',
      'content-type': `multipart/form-data; boundary=${OLD_FIREFOX}`,
    },
    body: form(OLD_FIREFOX),
  },
];
