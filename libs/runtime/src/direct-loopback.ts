const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '[::1]'];

/**
 * Excludes this machine from the proxy of NODE_USE_ENV_PROXY=1 and HTTP_PROXY, which cannot reach its loopback
 * addresses. Holds for the fetch of this process and for every process that it starts with these variables.
 * @param env the variables of the process. They are changed, since Node's fetch reads them at each call
 */
export function keepLoopbackDirect(env: NodeJS.ProcessEnv): void {
  // Node and curl prefer the lower-case spelling.
  const given = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[\s,]+/).filter(Boolean);
  if (given.includes('*')) return;
  const hosts = [...given, ...LOOPBACK.filter((host) => !given.includes(host))].join(',');
  env['no_proxy'] = hosts;
  env['NO_PROXY'] = hosts;
}
