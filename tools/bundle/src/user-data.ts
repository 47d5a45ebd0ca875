import { readFileSync } from 'node:fs';

/** EC2's limit, before Base64. */
const MAX_BYTES = 16_384;

const BOOT_SCRIPT = readFileSync(new URL('../../deploy/instance/boot.sh', import.meta.url), 'utf8');

/** Characters that bash, systemd and dotenv all take as they are. */
const PLAIN = /^[\w./:@,+=%-]*$/;
/** What CDK writes for a value that only CloudFormation knows. */
const TOKEN = /\$\{Token\[[\w.:]+\]\}/g;

export interface BootOptions {
  app: 'gateway' | 'worker' | 'scaler';
  /** `s3://bucket/key` */
  packAddress: string;
  packSha256: string;
  /** How long the boot tries to fetch the pack. Default: 150, so that a worker reports before it counts as lost. */
  packFetchSeconds?: number;
  /** The app's variables. */
  environment: Readonly<Record<string, string>>;
}

/**
 * The user data of an instance: boot.sh with the app's variables.
 * @throws Error for a value that is not read alike everywhere, and for more than EC2 takes
 */
export function userData(boot: BootOptions): string {
  const lines = Object.entries({
    LABELFLEET_APP: boot.app,
    PACK_ADDRESS: boot.packAddress,
    PACK_SHA256: boot.packSha256,
    PACK_FETCH_SECONDS: String(boot.packFetchSeconds ?? 150),
    ...boot.environment,
  }).map(([name, value]) => {
    if (!PLAIN.test(value.replace(TOKEN, ''))) {
      throw new Error(
        `${name} is "${value}". User data takes letters, digits and ./:@,+=%_- only, because bash, systemd and dotenv read it.`,
      );
    }
    return `${name}=${value}`;
  });
  const script = BOOT_SCRIPT.replace('@ENVIRONMENT@', () => lines.join('\n'));
  const bytes = Buffer.byteLength(script);
  if (bytes > MAX_BYTES) {
    throw new Error(`The user data has ${bytes} bytes; EC2 takes ${MAX_BYTES}. Shorten a value.`);
  }
  return script;
}
