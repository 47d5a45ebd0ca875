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

/** A signing key is valid for one day, region and service: computing it takes longer than the signature. */
let lastKey: { of: string; key: KeyObject } | undefined;

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

function signingKey(secret: string, ...scope: string[]): KeyObject {
  const of = [secret, ...scope].join('\n');
  if (lastKey?.of !== of) {
    const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
    const bytes = [...scope, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${secret}`));
    // An HMAC with the bytes would take eight times as long.
    lastKey = { of, key: createSecretKey(bytes) };
  }
  return lastKey.key;
}
