import type { IncomingMessage } from 'node:http';
import { refuse, type Refusal } from '../http/problem.ts';

type Head = Pick<IncomingMessage, 'rawHeaders' | 'headers' | 'httpVersion'>;

/** Refuses a head that Node's parser accepts and HTTP forbids. */
export const headFault = (head: Head): Refusal | undefined =>
  versionFault(head) ?? hostFault(head) ?? expectationFault(head);

function versionFault({ httpVersion }: Head): Refusal | undefined {
  if (httpVersion === '1.1' || httpVersion === '1.0') return undefined;
  return refuse('malformed-request', `HTTP/${httpVersion} is not served. Send HTTP/1.1.`);
}

/** RFC 9112, section 3.2: HTTP/1.1 has exactly one Host; HTTP/1.0 may have none. */
function hostFault({ rawHeaders, httpVersion }: Head): Refusal | undefined {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length === 1 || (hosts.length === 0 && httpVersion === '1.0')) return undefined;
  return refuse('malformed-request', `The request has ${hosts.length} Host headers. Send one.`);
}

/** RFC 9110, section 10.1.1: 100-continue is the only expectation, and HTTP/1.0 has none. */
function expectationFault({ headers: { expect }, httpVersion }: Head): Refusal | undefined {
  if (httpVersion === '1.0' || expect === undefined || /^100-continue$/i.test(expect)) return;
  return refuse(
    'expectation-failed',
    `Expect: ${expect} cannot be met. Send 100-continue or no Expect header.`,
  );
}
