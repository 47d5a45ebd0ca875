import { writeFile } from 'node:fs/promises';
import { dashboardText } from './dashboard.ts';

/** Writes the dashboard that is made from dashboard.ts. */
await writeFile(new URL('../grafana/labelfleet.json', import.meta.url), dashboardText());
