/**
 * Sends SIGTERM to an app when its starter has ended in any way. `node --import` loads it before the app. The starter
 * holds one end of a pipe, and the app has the other as descriptor 3.
 */
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

// Threads of the app load this file too.
if (isMainThread) {
  const pipe = new Socket({ fd: 3 });
  pipe.on('close', () => {
    process.kill(process.pid, 'SIGTERM');
  });
  pipe.resume();
  // The pipe alone does not keep the app alive.
  pipe.unref();
}
