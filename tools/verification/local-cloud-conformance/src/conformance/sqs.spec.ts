import { runTable } from './case.ts';
import { withTarget } from './clients.ts';
import { sqsTables } from './suite.ts';

const clients = withTarget();

for (const table of sqsTables) runTable(table, clients);
