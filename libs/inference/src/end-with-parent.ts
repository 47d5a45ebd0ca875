/**
 * A thread of a classifier process that kills the process when its parent is gone. It has to be a thread:
 * the main one may be in native code for ever, where it hears nothing.
 */
import { Socket } from 'node:net';

import { LIFELINE_FD } from './child-protocol.ts';

const end = () => process.kill(process.pid, 'SIGKILL');
new Socket({ fd: LIFELINE_FD }).on('error', end).on('close', end).resume();
