import { AwsCallError, DENIED_CODES, isDenied } from '@labelfleet/aws/errors';
import type { Clock, Logger } from '@labelfleet/runtime';

/** Calls repeat every second or two, so a missing permission is logged only this often. */
const LOG_EVERY_MS = 60_000;

/** Operations whose IAM action has another name. */
const IAM_ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 'GetObject',
  HeadBucket: 'ListBucket',
  ListObjectsV2: 'ListBucket',
};

/** The IAM action that allows an operation of this service. */
export function iamActionOf(service: Service, operation: string): string {
  const name = operation.replace(/Batch$/, '');
  return `${service}:${IAM_ACTIONS[name] ?? name}`;
}

export type Service = 's3' | 'sqs' | 'ec2';

/** The ARN of a queue of AWS; any other queue is named by its URL. */
export function queueArn(url: string): string {
  const [, region, path] = /^https:\/\/sqs\.([a-z0-9-]+)\.[^/]+\/(.+)$/.exec(url) ?? [];
  return path === undefined ? url : `arn:aws:sqs:${region}:${path.replace('/', ':')}`;
}

/** Logs each permission that a call of this scaler lacks. */
export class MissingPermissions {
  readonly #logger: Pick<Logger, 'error'>;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #loggedAtMs = new Map<string, number>();

  constructor(log: Pick<Logger, 'error'>, clock: Pick<Clock, 'monotonicMs'>) {
    this.#logger = log;
    this.#clock = clock;
  }

  /**
   * Returns a proxy of the object that logs each denied call; the call fails as before.
   * @param resourceOf the resource of a call, from its arguments
   */
  watch<T extends object>(
    part: T,
    service: Service,
    resourceOf: (args: readonly unknown[]) => string,
  ): T {
    const report = (error: unknown, args: readonly unknown[]) => {
      if (isDenied(error)) this.#report(service, resourceOf(args), error);
    };
    return new Proxy(part, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          const result: unknown = Reflect.apply(member, target, args);
          if (!(result instanceof Promise)) return result;
          return result.then(
            (value: unknown) => {
              report(deniedLaunch(value), args);
              return value;
            },
            (error: unknown) => {
              report(error, args);
              throw error;
            },
          );
        };
      },
    });
  }

  #report(service: Service, resource: string, error: AwsCallError): void {
    const action = iamActionOf(service, error.operation);
    const key = `${action} ${resource}`;
    const now = this.#clock.monotonicMs();
    if (now - (this.#loggedAtMs.get(key) ?? -Infinity) < LOG_EVERY_MS) return;
    this.#loggedAtMs.set(key, now);
    this.#logger.error(
      { event: 'access.denied', action, resource, error, ...hintFor(action) },
      'access denied',
    );
  }
}

/** A refused launch is returned as an outcome, not thrown. */
function deniedLaunch(value: unknown): AwsCallError | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value && 'message' in value))
    return undefined;
  const { code, message } = value;
  if (typeof code !== 'string' || !DENIED_CODES.has(code)) return undefined;
  return new AwsCallError('RunInstances', { code, message: String(message) });
}

function hintFor(action: string): { hint?: string } {
  switch (action) {
    case 's3:GetObject':
      return { hint: 'a missing object is a 403, too, without s3:ListBucket on its bucket' };
    case 'ec2:RunInstances':
      return { hint: 'a launch with an instance profile needs iam:PassRole on its role, too' };
    default:
      return {};
  }
}
