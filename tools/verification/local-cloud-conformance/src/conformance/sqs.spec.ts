import { runTable } from './case.ts';
import { useTarget } from './clients.ts';
import { sqsTables } from './suite.ts';

const clients = useTarget();

for (const table of sqsTables) runTable(table, clients);
