/**
 * The messages between a classifier process and its parent. They go through a socket pair of their own instead of
 * Node's IPC channel, which copies an image several times and costs milliseconds for one of several megabytes.
 *
 * To the child: the length of the content and a number, each four bytes in little-endian order, and the content. The
 * first message is the setup as JSON with the number 0; each later one is an image, and its number is `topK`.
 * To the parent: one line of JSON for each reply.
 */
import { readSync, writeSync } from 'node:fs';

import type { BadImage, Classified } from '../classifier.ts';
import type { ModelDir } from '../model/model-dir.ts';

/** The first content to the child. */
export interface Setup {
  model: ModelDir;
  maxPixels: number;
}

export type Reply =
  /** The model is open. */
  | { kind: 'ready' }
  | { kind: 'model-error'; message: string }
  /** The image is decoded; inference starts. */
  | { kind: 'decoded' }
  | { kind: 'done'; outcome: Classified | BadImage }
  | { kind: 'failed'; message: string };

/** File descriptor of the child's end of the socket pair. */
export const CHANNEL_FD = 3;
/** File descriptor of a pipe that carries no data: it closes when the parent ends, even by SIGKILL. */
export const LIFELINE_FD = 4;

const HEADER_BYTES = 8;

export function messageHeader(contentBytes: number, number: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(contentBytes, 0);
  header.writeUInt32LE(number, 4);
  return header;
}

/**
 * Waits for the next message in the child, which has nothing else to do meanwhile: a blocking read takes the bytes
 * from the socket into their place. Returns undefined at the end of the stream.
 */
export function receiveMessage(): { content: Uint8Array; number: number } | undefined {
  const header = receiveBytes(HEADER_BYTES);
  const content = header && receiveBytes(header.readUInt32LE(0));
  return content && { content, number: header.readUInt32LE(4) };
}

function receiveBytes(count: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafeSlow(count);
  for (let length = 0; length < count;) {
    const taken = readSync(CHANNEL_FD, bytes, length, count - length, null);
    if (taken === 0) return undefined;
    length += taken;
  }
  return bytes;
}

export function sendReply(reply: Reply): void {
  const line = Buffer.from(`${JSON.stringify(reply)}\n`);
  for (let sent = 0; sent < line.length;) sent += writeSync(CHANNEL_FD, line, sent);
}
