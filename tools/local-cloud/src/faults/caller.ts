/** The form of an instance role's access key, by which a fault can be limited to the calls of one instance. */
export function accessKeyOf(instanceId: string): string {
  return `ASIALOCAL${instanceId.slice(-8).toUpperCase()}`;
}

/** Returns the access key that a call is signed with. */
export function callerOf(authorization: string | undefined): string[] {
  const key = /Credential=([^/,\s]+)\//.exec(authorization ?? '')?.[1];
  return key === undefined ? [] : [key];
}
