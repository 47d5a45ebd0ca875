/** The messages between a classifier process and its parent. */
import type { BadImage, Classified } from '../classifier.ts';
import type { ModelDir } from '../model/model-dir.ts';

/** The first message to the child. */
export interface Setup {
  model: ModelDir;
  maxPixels: number;
}

/** Every later message to the child, sent after the reply to the previous one. */
export interface Task {
  image: Uint8Array;
  topK: number;
}

export type Reply =
  /** The model is open. */
  | { kind: 'ready' }
  | { kind: 'model-error'; message: string }
  /** The image is decoded; inference starts. */
  | { kind: 'decoded' }
  | { kind: 'done'; outcome: Classified | BadImage }
  | { kind: 'failed'; message: string };

/** File descriptor of a pipe that carries no data: it closes when the parent ends, even by SIGKILL. */
export const LIFELINE_FD = 4;
