import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface SigningKeys {
  accessKeyId: string;
  secretAccessKey: string;
}

/** A request without a query string. */
export interface UnsignedRequest {
  method: string;
  /** Escaped, as it is sent. */
  path: string;
  /** All headers to sign, with lower-case names; `host` and `x-amz-date` are among them. */
  headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal digits. */
  payloadHash: string;
}

/** Region and service that the request is for. */
export interface SigningScope {
  region: string;
  service: string;
}

/** The last signing key of each region and service, which is valid for a day: it takes longer than a signature. */
const lastKeys = new Map<string, { secret: string; date: string; key: KeyObject }>();

/**
 * Computes the `authorization` header of Signature Version 4:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function authorization(
  { method, path, headers, payloadHash }: UnsignedRequest,
  { accessKeyId, secretAccessKey }: SigningKeys,
  { region, service }: SigningScope,
): string {
  const names = Object.keys(headers).sort();
  let canonicalHeaders = '';
  for (const name of names)
    canonicalHeaders += `${name}:${headers[name]?.trim().replace(/\s+/g, ' ')}\n`;
  const signedHeaders = names.join(';');
  const canonicalRequest = `${method}\n${path}\n\n${canonicalHeaders}\n${signedHeaders}\n${payloadHash}`;
  const time = headers['x-amz-date'] ?? '';
  const date = time.slice(0, 8);
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonicalRequest)}`;
  const key = signingKey(secretAccessKey, date, region, service);
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

function signingKey(secret: string, date: string, region: string, service: string): KeyObject {
  const place = `${region}/${service}`;
  const last = lastKeys.get(place);
  if (last?.secret === secret && last.date === date) return last.key;
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const scope = [date, region, service, 'aws4_request'];
  // An HMAC with the bytes instead of a key object would take eight times as long.
  const key = createSecretKey(scope.reduce(hmac, Buffer.from(`AWS4${secret}`)));
  lastKeys.set(place, { secret, date, key });
  return key;
}
