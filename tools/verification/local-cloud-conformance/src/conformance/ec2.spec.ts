import { runTable } from './case.ts';
import { useTarget } from './clients.ts';
import { ec2Tables } from './suite.ts';

const clients = useTarget({
  images: {
    'ami-ends': { command: ['true'] },
    'ami-missing': { command: ['/no/such/program'] },
    'ami-stubborn': { command: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done'] },
  },
  env: { LOCAL_CLOUD_GRACE_SECONDS: '0.2', LOG_LEVEL: 'fatal' },
});

for (const table of ec2Tables) runTable(table, clients);
