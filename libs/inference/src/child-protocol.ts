/** What a classifier process and its parent say to each other. */
import type { BadImage, Classified } from './classifier.ts';
import type { ModelDir } from './model-dir.ts';

/** The first message to the child. */
export interface Setup {
  model: ModelDir;
  maxPixels: number;
}

/** Every further message to the child, sent when the one before has been answered. */
export interface Task {
  image: Uint8Array;
  topK: number;
}

export type Reply =
  /** The model is open. */
  | { kind: 'ready' }
  | { kind: 'model-error'; message: string }
  /** The image of the task is decoded, and inference begins. */
  | { kind: 'decoded' }
  | { kind: 'done'; outcome: Classified | BadImage }
  | { kind: 'failed'; message: string };

/** Descriptor of a pipe that nothing is written to: it closes when the parent is gone, however that ended. */
export const LIFELINE_FD = 4;
