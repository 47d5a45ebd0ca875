import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Debian's programs, by their full path: another Python's would find other libraries. */
export const AWS = '/usr/bin/aws';
export const PYTHON = '/usr/bin/python3';
export const RCLONE = '/usr/bin/rclone';
export const S3CMD = '/usr/bin/s3cmd';

/** What is missing to run it, or undefined. */
export async function missing(
  program: string,
  args: readonly string[],
): Promise<string | undefined> {
  const install = 'apt-get install awscli python3-boto3 rclone s3cmd';
  if (!existsSync(program)) return `${program} is missing: ${install}`;
  const works = await exec(program, args).then(
    () => true,
    () => false,
  );
  return works ? undefined : `${program} ${args.join(' ')} fails: ${install}`;
}

/**
 * The environment of a client: credentials that are none, no files of the user. Versions from before 2023
 * do not read AWS_ENDPOINT_URL and would call AWS: the endpoint has to be in every call.
 */
const CLIENT_ENVIRONMENT = {
  PATH: '/usr/bin:/bin',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_PAGER: '',
  // Whatever should try to leave the machine all the same finds no way.
  http_proxy: 'http://127.0.0.1:9',
  https_proxy: 'http://127.0.0.1:9',
  no_proxy: '127.0.0.1',
};

/** @returns what it prints @throws with what it said when it fails */
export async function runClient(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await exec(program, args, { env: CLIENT_ENVIRONMENT });
  return stdout;
}
