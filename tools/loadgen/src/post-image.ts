import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

/** Asks for the label alone, which the gateway's `/` offers, and accepts every other type. */
const LABEL = 'text/plain, */*;q=0.1';

export interface HttpAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** Posts images over a limited number of sockets, which are reused. */
export class ImagePoster implements Disposable {
  readonly #url: URL;
  readonly #field: string;
  readonly #agent: http.Agent;

  constructor(target: { url: URL; field: string; sockets: number }) {
    this.#url = target.url;
    this.#field = target.field;
    const settings = { keepAlive: true, maxSockets: target.sockets };
    this.#agent =
      target.url.protocol === 'https:' ? new https.Agent(settings) : new http.Agent(settings);
  }

  /**
   * Sends one image as multipart form data and resolves with the response, whatever its status. Rejects if there is no
   * response. Node's fetch is not used because it waits at most 300 s for a response.
   */
  async post(
    image: { name: string; bytes: Uint8Array<ArrayBuffer> },
    signal: AbortSignal,
    headers: http.OutgoingHttpHeaders = {},
  ): Promise<HttpAnswer> {
    const form = new FormData();
    form.append(this.#field, new Blob([image.bytes]), image.name);
    const encoded = new Response(form);
    const contentType = encoded.headers.get('content-type') ?? '';
    const response = await this.#send(
      { accept: LABEL, ...headers, 'content-type': contentType },
      await encoded.bytes(),
      signal,
    );
    return {
      status: response.statusCode ?? 0,
      contentType: response.headers['content-type'] ?? '',
      body: await text(response),
    };
  }

  #send(
    headers: http.OutgoingHttpHeaders,
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const { request } = this.#url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: this.#agent, signal };
      request(this.#url, {
        ...options,
        headers: { ...headers, 'content-length': body.byteLength },
      })
        .on('response', resolve)
        // Errors may also come after the response: a server that refuses early closes the connection while the body is sent.
        .on('error', reject)
        .end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
