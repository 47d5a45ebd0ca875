import { runTable } from './case.ts';
import { useTarget } from './clients.ts';
import { s3Tables } from './suite.ts';

const clients = useTarget();

for (const table of s3Tables) runTable(table, clients);
