import { runTable } from './case.ts';
import { withTarget } from './clients.ts';
import { s3Tables } from './suite.ts';

const clients = withTarget();

for (const table of s3Tables) runTable(table, clients);
