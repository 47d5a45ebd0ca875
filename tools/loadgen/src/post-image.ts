import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

/** The label alone, where there is a choice, as at the gateway's `/`; whatever there is elsewhere. */
const LABEL = 'text/plain, */*;q=0.1';

export interface HttpAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** Posts images over at most so many sockets, which are kept for the next ones. */
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
   * Sends one image as multipart form data and resolves with the answer, whatever its status. Rejects when
   * there is none. Node's fetch is not used: it gives an answer no more than 300 s.
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
        // Also heard after the response: a server that refuses early closes while the body is sent.
        .on('error', reject)
        .end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
