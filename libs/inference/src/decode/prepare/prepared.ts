/** The input of the decoder: only the first frame or page, so that damage to later ones does not matter. */
export interface Prepared {
  kind: 'prepared';
  bytes: Uint8Array;
  /** Whether the file has several frames. */
  isAnimated: boolean;
  /** The alpha channel of a TIFF with extra samples; undefined if it has at most one alpha after the colours. */
  channels: Channels | undefined;
  /** The least severe message that makes the decoder fail. */
  failOn: 'error' | 'warning';
  /** Checks what the decoder does not check. It takes time, so it runs after the size limits. */
  verify: () => Fault | undefined;
}

/** The channels after red, green and blue. */
export interface Channels {
  /** Index of the alpha channel, from 0; undefined if there is none. */
  alpha: number | undefined;
}

/** `detail` is a sentence that names the image's format and the fault. */
export type Fault = { kind: 'fault'; detail: string };

export const fault = (detail: string): Fault => ({ kind: 'fault', detail });

export const prepared = (bytes: Uint8Array, rest: Partial<Prepared> = {}): Prepared => ({
  kind: 'prepared',
  bytes,
  isAnimated: false,
  channels: undefined,
  failOn: 'error',
  verify: () => undefined,
  ...rest,
});
