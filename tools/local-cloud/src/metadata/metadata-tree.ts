import type { Instance } from '../ec2/instances/instance.ts';
import { accessKeyOf } from '../faults/caller.ts';

/** The lifetime of a role's credentials. Clients renew them well before it ends. */
const CREDENTIALS_LIVE_MS = 6 * 3_600_000;

/** The role of an instance that was launched without a profile. (On AWS it would have no credentials.) */
const ROLE_OF_ALL = 'local-cloud-instance';

type Tree = { readonly [name: string]: Tree | string | undefined };

/**
 * Returns the instance metadata at a path; null if there is none (404). A folder lists its entries, one per line, with
 * a slash after each folder.
 * @param path the part after `/latest/`
 */
export function readMetadata(
  instance: Instance,
  path: string,
  context: { region: string; nowMs: number },
): string | null {
  let at: Tree | string | undefined = tree(instance, context);
  for (const part of path.split('/').filter((each) => each !== '')) {
    const name = decoded(part);
    at = typeof at === 'object' && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  if (at === undefined) return null;
  return typeof at === 'string' ? at : listing(at);
}

/** Decodes a tag key, which clients may escape, as in `labelfleet%3Adrain`. An invalid escape is kept as it is. */
function decoded(part: string): string {
  return part.replace(/(%[0-7][0-9a-f])+/gi, (escapes) => decodeURIComponent(escapes));
}

function listing(folder: Tree): string {
  return Object.entries(folder)
    .filter(([, entry]) => entry !== undefined)
    .map(([name, entry]) => (typeof entry === 'string' ? name : `${name}/`))
    .join('\n');
}

function tree(instance: Instance, { region, nowMs }: { region: string; nowMs: number }): Tree {
  const { spec } = instance;
  const role = spec.profile ?? ROLE_OF_ALL;
  return {
    dynamic: { 'instance-identity': { document: identityDocument(instance, region) } },
    'meta-data': {
      'ami-id': spec.imageId,
      'ami-launch-index': String(instance.launchIndex),
      hostname: hostname(instance),
      iam: {
        info: JSON.stringify({
          Code: 'Success',
          InstanceProfileArn: `arn:aws:iam::000000000000:instance-profile/${role}`,
        }),
        'security-credentials': { [role]: credentials(instance, nowMs) },
      },
      'instance-action': 'none',
      'instance-id': instance.id,
      'instance-life-cycle': spec.market,
      'instance-type': spec.instanceType,
      'local-hostname': hostname(instance),
      'local-ipv4': instance.privateIp,
      placement: { 'availability-zone': instance.zone, region },
      'reservation-id': instance.reservationId,
      spot: instance.spotNotice === undefined ? undefined : spotNotice(instance.spotNotice),
      tags: spec.metadataTags ? { instance: instance.tags } : undefined,
    },
    'user-data':
      spec.userData === undefined ? undefined : Buffer.from(spec.userData, 'base64').toString(),
  };
}

function hostname({ privateIp }: Instance): string {
  return `ip-${privateIp.replaceAll('.', '-')}.ec2.internal`;
}

function spotNotice({ action, atMs }: { action: string; atMs: number }): Tree {
  const time = isoSeconds(atMs);
  return { 'instance-action': JSON.stringify({ action, time }), 'termination-time': time };
}

function credentials(instance: Instance, nowMs: number): string {
  return JSON.stringify({
    Code: 'Success',
    LastUpdated: isoSeconds(nowMs),
    Type: 'AWS-HMAC',
    AccessKeyId: accessKeyOf(instance.id),
    SecretAccessKey: 'local',
    Token: `local-${instance.id}`,
    Expiration: isoSeconds(nowMs + CREDENTIALS_LIVE_MS),
  });
}

function identityDocument(instance: Instance, region: string): string {
  return JSON.stringify({
    accountId: '000000000000',
    availabilityZone: instance.zone,
    imageId: instance.spec.imageId,
    instanceId: instance.id,
    instanceType: instance.spec.instanceType,
    pendingTime: isoSeconds(instance.launchedAtMs),
    privateIp: instance.privateIp,
    region,
  });
}

const isoSeconds = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
