import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

import { runTable } from './case.ts';
import { useTarget } from './clients.ts';
import { POLICIES } from './iam/callers.ts';
import { iamTables } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'policies.json');
writeFileSync(file, JSON.stringify(POLICIES));

const clients = useTarget({ env: { LOCAL_CLOUD_POLICIES: file } });

for (const table of iamTables) runTable(table, clients);
