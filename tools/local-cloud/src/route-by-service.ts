import type { IncomingMessage } from 'node:http';

export type Service = 'sqs' | 's3' | 'ec2';

const SCOPE = /Credential=[^/,\s]+\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/;

/**
 * Returns the API of a request. All three share one port. The credential scope of the signature (Signature Version 4) in
 * the Authorization header or, if presigned, in the query names the service. Null if the request is not signed or the
 * service is not served. The signature is not verified.
 */
export function serviceOf(authorization: string | undefined, url: string): Service | null {
  const service = SCOPE.exec(credentialOf(authorization, url))?.[2];
  return service === 'sqs' || service === 's3' || service === 'ec2' ? service : null;
}

/** The part of a signature that begins with `Credential=`, from the header or, if presigned, from the query. */
export function credentialOf(authorization: string | undefined, url: string): string {
  const query = new URLSearchParams(authorization === undefined ? url.split('?')[1] : '');
  return authorization ?? `Credential=${query.get('X-Amz-Credential') ?? ''}`;
}

/** Guesses the API of an unsigned call from its form. */
export function likelyService({ headers, url = '/' }: IncomingMessage): Service {
  if (String(headers['x-amz-target']).startsWith('AmazonSQS.')) return 'sqs';
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  if (!isForm) return 's3';
  return url === '/' ? 'ec2' : 'sqs';
}
