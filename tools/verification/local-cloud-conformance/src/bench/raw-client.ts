import { Agent, request } from 'node:http';

const HEADER = 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/SERVICE/aws4_request';

/** A client of node:http without SDK and signatures, with keep-alive. */
export class RawClient implements Disposable {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  async sqs(action: string, input: object): Promise<Record<string, unknown>> {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
    };
    const body = await this.#call('sqs', 'POST', '/', headers, Buffer.from(JSON.stringify(input)));
    return JSON.parse(body.toString()) as Record<string, unknown>;
  }

  async s3(method: 'GET' | 'PUT', path: string, body?: Buffer): Promise<Buffer> {
    return this.#call('s3', method, path, {}, body);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #call(
    service: string,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer | undefined,
  ): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const call = request(
      `${this.#endpoint}${path}`,
      {
        agent: this.#agent,
        method,
        headers: {
          ...headers,
          authorization: HEADER.replace('SERVICE', service),
          'content-length': body?.length ?? 0,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks);
          if (response.statusCode === 200) resolve(answer);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${answer.toString()}`));
        });
      },
    );
    call.on('error', reject);
    call.end(body);
    return promise;
  }
}
