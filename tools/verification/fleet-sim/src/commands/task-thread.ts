import { parentPort } from 'node:worker_threads';
import { runTask, type Task } from './tasks.ts';

/** A thread that runs one task after the other, as they are sent. */
parentPort?.on('message', (task: Task) => parentPort?.postMessage(runTask(task)));
