/**
 * Loaded into a child with `node --import`, before the app: ends it in good order when its starter is gone,
 * however that ended. The starter holds the other end of a pipe open that the child has as descriptor 3.
 */
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

// Threads of the app load this as well.
if (isMainThread) {
  const pipe = new Socket({ fd: 3 });
  pipe.on('close', () => {
    process.kill(process.pid, 'SIGTERM');
  });
  pipe.resume();
  // The pipe alone does not keep the app alive.
  pipe.unref();
}
