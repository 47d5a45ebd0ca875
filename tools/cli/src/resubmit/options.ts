import { requestIdSchema } from '@labelfleet/contracts';
import { commandLine } from '@labelfleet/runtime';

export const USAGE = `Sends the image of a failed request again, as a new request.

  npm run resubmit -- ID

Prints the new request's id, a tab, and where the gateway tells its state and result. The failed request's
own result stays as it is. Reads REQUEST_QUEUE_URL, INPUT_BUCKET, OUTPUT_BUCKET and the variables of the AWS
SDK; without the first, all of them from what a running npm start has left in local.env of its data folder,
LABELFLEET_DATA_DIR (.labelfleet).

  --help        this text`;

const { fault, parse } = commandLine(USAGE);

/** @throws StartError when the command line is wrong */
export function parseOptions(args: string[]): { id: string } | 'help' {
  const { values, positionals } = parseKnown(args);
  if (values.help) return 'help';
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw fault('Which request? Give one id.');
  if (!requestIdSchema.safeParse(id).success)
    throw fault(`${id} is no request id: those are UUIDs of version 7, in lower case.`);
  return { id };
}

function parseKnown(args: string[]) {
  return parse({
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h', default: false } },
  });
}
