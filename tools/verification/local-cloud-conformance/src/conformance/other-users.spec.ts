import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

import { withLocalCloud } from './clients.ts';
import { missing, PYTHON } from './other-clients.ts';

const NOBODY = 65_534;

/** A script that prints the status of a call. */
const CALL = `
import sys, urllib.request, urllib.error
request = urllib.request.Request(sys.argv[1], method=sys.argv[2], headers={"Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/%s/aws4_request" % sys.argv[3]})
try:
    print(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).status)
except urllib.error.HTTPError as error:
    print(error.code)
`;

const why = process.getuid?.() === 0 ? await missing(PYTHON, ['--version']) : 'needs root';

describe.skipIf(why !== undefined)(`another user of this machine ${why ?? ''}`, () => {
  const clients = withLocalCloud();

  const status = async (user: number, path: string, method = 'GET', service = 's3') => {
    const as = { uid: user, gid: user, cwd: '/', env: { PATH: '/usr/bin:/bin' } };
    const url = `${clients.cloud.endpoint}${path}`;
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', CALL, url, method, service], as);
    return Number(stdout);
  };

  test('is refused by every service and by the pages for people', { timeout: 60_000 }, async () => {
    expect(await status(0, '/')).toBe(200);
    for (const service of ['s3', 'sqs', 'ec2']) {
      expect(await status(NOBODY, '/', 'POST', service)).toBe(403);
    }
    expect(await status(0, '/_local/')).toBe(200);
    expect(await status(NOBODY, '/_local/')).toBe(403);
  });
});
