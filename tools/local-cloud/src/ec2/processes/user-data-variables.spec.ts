import { expect, test } from 'vitest';

import { variablesOf } from './user-data-variables.ts';

const of = (text: string) => variablesOf(Buffer.from(text).toString('base64'));

test('returns the variables of labelfleet, parsed as dotenv', () => {
  const text =
    'REQUEST_QUEUE_URL=http://127.0.0.1/q\nINPUT_BUCKET=b\n# note\nPRICES_USD="two words"\n';
  expect(of(text)).toEqual({
    taken: { REQUEST_QUEUE_URL: 'http://127.0.0.1/q', INPUT_BUCKET: 'b', PRICES_USD: 'two words' },
    refused: [],
  });
  expect(variablesOf(undefined)).toEqual({ taken: {}, refused: [] });
});

test.each([
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_EXTRA_CA_CERTS',
  'NODE_V8_COVERAGE',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'LD_AUDIT',
  'DYLD_INSERT_LIBRARIES',
  'PATH',
  'HOME',
  'BASH_ENV',
  'ENV',
  'PYTHONPATH',
  'GCONV_PATH',
  'OPENSSL_CONF',
  'AWS_CONFIG_FILE', // its credential_process is a command
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_PROFILE',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  'AWS_CA_BUNDLE',
  'http_proxy',
  'HTTPS_PROXY',
  'node_options',
  'log_level',
  'ANYTHING',
])('drops %s', (name) => {
  expect(of(`${name}=x\nLOG_LEVEL=info`)).toEqual({
    taken: { LOG_LEVEL: 'info' },
    refused: [name],
  });
});
