import { worker } from 'workerpool';
import { runTask } from './tasks.ts';

worker({ runTask });
