/** An upload that moves no byte for so long has lost its connection. */
const STALLED_MS = 30_000;

/** A `fetch` by XMLHttpRequest, because only that reports the progress of an upload. */
export const fetchWithProgress =
  (onProgress: (sent: number) => void): typeof fetch =>
  (input, { method = 'GET', headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, input instanceof Request ? input.url : input);
      new Headers(headers).forEach((value, name) => request.setRequestHeader(name, value));
      const abort = () => request.abort();
      signal?.addEventListener('abort', abort, { once: true });
      let timer = 0;
      const postpone = () => {
        clearTimeout(timer);
        timer = window.setTimeout(abort, STALLED_MS);
      };
      request.upload.onprogress = ({ loaded, total }) => {
        postpone();
        onProgress(total === 0 ? 0 : loaded / total);
      };
      request.onloadend = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        if (request.status === 0) reject(new TypeError('The connection failed'));
        else resolve(responseOf(request));
      };
      postpone();
      request.send(body as XMLHttpRequestBodyInit);
    });

function responseOf(request: XMLHttpRequest): Response {
  const lines = request.getAllResponseHeaders().trim().split('\r\n');
  const headers = lines.flatMap((line): [string, string][] => {
    const [, name, value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value]];
  });
  return new Response(request.responseText, { status: request.status, headers });
}
