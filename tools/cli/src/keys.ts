import { runAwsCommand } from './aws-command.ts';
import { runKeys } from './keys/run-keys.ts';

await runAwsCommand(() => runKeys(process.argv.slice(2), process.env));
