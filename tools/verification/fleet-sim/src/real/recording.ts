/** A run of the real product: the inputs of a prediction and the measured values to compare it with. */
export interface Recording {
  name: string;
  /** The end of the window that is counted, in seconds since the recording began, as all times are. */
  windowSeconds: number;
  /** The product's settings. */
  slots: number;
  threads: number;
  pollSeconds: number;
  maxWorkers: number;
  tickSeconds: number;
  /** One or more, in the order they were offered. */
  images: {
    offeredAt: number;
    /** Until the caller got the label. */
    waitSeconds: number;
    /** Decoding and the model. */
    serviceSeconds: number;
    /** From the offer until the gateway had received the upload. */
    entrySeconds: number;
    /** Seconds of a slot beyond the service: fetch the image, store the result, send the reply. */
    overheadSeconds: number;
  }[];
  /** From the launch to the TerminateInstances call; null: none within the window. */
  instances: { launchedAt: number; endedAt: number | null }[];
  /** Seconds of each launch until its worker was ready; at least one. */
  bootSeconds: number[];
}
