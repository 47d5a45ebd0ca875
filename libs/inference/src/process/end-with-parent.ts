/**
 * A thread of a classifier process that kills the process when its parent has ended. It must be a thread, because
 * the main thread may be blocked in native code.
 */
import { Socket } from 'node:net';

import { LIFELINE_FD } from './child-protocol.ts';

const end = () => process.kill(process.pid, 'SIGKILL');
new Socket({ fd: LIFELINE_FD }).on('error', end).on('close', end).resume();
