import { requestIdSchema } from '@labelfleet/contracts';
import { commandLine } from '@labelfleet/runtime';

export const USAGE = `Resubmits the image of a failed request as a new request.

  npm run resubmit -- ID

Prints the new request's id, a tab, and the gateway's path for its state and result. The failed request's result
does not change. Reads REQUEST_QUEUE_URL, INPUT_BUCKET, OUTPUT_BUCKET and the variables of the AWS SDK. If
REQUEST_QUEUE_URL is not set, reads all of them from local.env, which a running npm start writes in its data
folder, LABELFLEET_DATA_DIR (default: .labelfleet).

  --help        print this text`;

const { fault, parse } = commandLine(USAGE);

/** @throws StartError if the command line is wrong */
export function parseOptions(args: string[]): { id: string } | 'help' {
  const { values, positionals } = parseKnown(args);
  if (values.help) return 'help';
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw fault('Give the id of exactly one request.');
  if (!requestIdSchema.safeParse(id).success)
    throw fault(`${id} is not a request id. Request ids are UUIDs of version 7 in lower case.`);
  return { id };
}

function parseKnown(args: string[]) {
  return parse({
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h', default: false } },
  });
}
