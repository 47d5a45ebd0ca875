import { request as requestHttp, type Agent, type IncomingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface HttpRequest {
  url: { protocol: string; hostname: string; port: number | undefined };
  agent: Agent;
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array | undefined;
  /** The longest time until the whole response is there. */
  limitMs: number;
  signal: AbortSignal | undefined;
  /** A longer body of a response with status 200 is not read. */
  mostBytes?: number | undefined;
}

export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** True: the body is longer than `mostBytes`, and was not read. */
  tooLong?: true;
}

/** Makes one HTTP request; rejects if no complete response arrives within the limit. */
export function sendOnce({ url, body, limitMs, signal, mostBytes, ...options }: HttpRequest) {
  return new Promise<HttpResponse>((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const { hostname, port } = url;
    const request = send({ ...options, hostname, port, ...(signal && { signal }) }, (response) => {
      const { statusCode: status = 0, headers } = response;
      if (status === 200 && Number(headers['content-length']) > (mostBytes ?? Infinity)) {
        clearTimeout(timer);
        resolve({ status, headers, body: Buffer.alloc(0), tooLong: true });
        request.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
        resolve({ status, headers, body: bytes });
      });
    });
    const timer = setTimeout(() => {
      const error = new Error(`no answer within ${limitMs} ms`);
      request.destroy(Object.assign(error, { code: 'TimeoutError' }));
    }, limitMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    request.on('error', fail);
    request.end(body);
  });
}
