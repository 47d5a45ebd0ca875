#!/usr/bin/env node
import { EXIT, runCommand, StartError } from '@labelfleet/runtime';

const COMMANDS: Readonly<Record<string, string>> = {
  classify: 'classify images, by the service or by the model itself',
  evaluate: 'measure a model on labeled images',
  job: 'classify a bucket, a list or a folder of many images',
  keys: 'add, list and revoke API keys',
  model: 'list, pull and add models',
  resubmit: 'send failed requests again',
  webhooks: 'list and replay webhooks',
};

const USAGE = `Usage: labelfleet COMMAND [ARGUMENT...]

${Object.entries(COMMANDS)
  .map(([name, does]) => `  ${name.padEnd(10)}${does}`)
  .join('\n')}

labelfleet COMMAND --help says more.`;

const [name] = process.argv.splice(2, 1);
if (name !== undefined && Object.hasOwn(COMMANDS, name)) {
  // Each command is a separate program, which reads the arguments after its name.
  await import(new URL(`./${name}.ts`, import.meta.url).href);
} else {
  await runCommand(async () => {
    if (name !== undefined && !['help', '--help', '-h'].includes(name))
      throw new StartError(`labelfleet has no command "${name}".\n\n${USAGE}`, EXIT.usage);
    process.stdout.write(`${USAGE}\n`);
    return 0;
  });
}
