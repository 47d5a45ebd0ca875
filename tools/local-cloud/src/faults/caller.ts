/** Instance roles sign with keys of this form, so that a fault can be limited to the calls of one instance. */
export function accessKeyOf(instanceId: string): string {
  return `ASIALOCAL${instanceId.slice(-8).toUpperCase()}`;
}

/** The access key that a call is signed with. */
export function callerOf(authorization: string | undefined): string[] {
  const key = /Credential=([^/,\s]+)\//.exec(authorization ?? '')?.[1];
  return key === undefined ? [] : [key];
}
