/** An image as the decoder is given it: its first frame or page alone, so that nothing behind it matters. */
export interface Prepared {
  kind: 'prepared';
  bytes: Uint8Array;
  /** Whether it was the first of several frames. */
  isAnimated: boolean;
  /** A TIFF's samples, where they are not colours and at most one alpha: which are which. */
  channels: Channels | undefined;
  /** What the decoder must stop at. */
  failOn: 'error' | 'warning';
  /** What the decoder does not look at; takes time, so it comes behind the limits. */
  verify: () => Fault | undefined;
}

/** Behind red, green and blue. */
export interface Channels {
  /** Which channel is the alpha, from 0; undefined where none is. */
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
