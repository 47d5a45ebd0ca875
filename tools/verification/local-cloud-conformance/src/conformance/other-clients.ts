import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Full paths of Debian's programs, because another Python would find other libraries. */
export const AWS = '/usr/bin/aws';
export const PYTHON = '/usr/bin/python3';
export const RCLONE = '/usr/bin/rclone';
export const S3CMD = '/usr/bin/s3cmd';

/** The missing program or library, or undefined. */
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
 * The environment of a client with invalid credentials and without files of the user. Versions from before 2023
 * ignore AWS_ENDPOINT_URL and would call AWS, so every call must name the endpoint.
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
  // A proxy that does not exist blocks all calls that would leave the machine.
  http_proxy: 'http://127.0.0.1:9',
  https_proxy: 'http://127.0.0.1:9',
  no_proxy: '127.0.0.1',
};

/** @returns its output @throws Error with its error output if it fails */
export async function runClient(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await exec(program, args, { env: CLIENT_ENVIRONMENT });
  return stdout;
}
