import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';

const NOBODY = 65_534;
const PYTHON = '/usr/bin/python3';

/** A script that prints the status of a call. */
const CALL = `
import sys, urllib.request, urllib.error
request = urllib.request.Request(sys.argv[1], method=sys.argv[2], headers={"Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/%s/aws4_request" % sys.argv[3]})
try:
    print(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).status)
except urllib.error.HTTPError as error:
    print(error.code)
`;

const cloud = useLocalCloud();

test.skipIf(process.getuid?.() !== 0 || !existsSync(PYTHON))(
  `another user of this machine is refused by every service and by the pages for people (needs root and ${PYTHON})`,
  { timeout: 60_000 },
  async () => {
    const status = async (user: number, path: string, method = 'GET', service = 's3') => {
      const as = { uid: user, gid: user, cwd: '/', env: { PATH: '/usr/bin:/bin' } };
      const url = `${cloud.endpoint}${path}`;
      const { stdout } = await promisify(execFile)(PYTHON, ['-c', CALL, url, method, service], as);
      return Number(stdout);
    };
    expect(await status(0, '/')).toBe(200);
    for (const service of ['s3', 'sqs', 'ec2']) {
      expect(await status(NOBODY, '/', 'POST', service)).toBe(403);
    }
    expect(await status(0, '/_local/')).toBe(200);
    expect(await status(NOBODY, '/_local/')).toBe(403);
  },
);
