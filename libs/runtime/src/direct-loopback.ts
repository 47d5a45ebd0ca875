const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '[::1]'];

/**
 * Keeps calls to this machine from the proxy of NODE_USE_ENV_PROXY=1 and HTTP_PROXY, for this process's
 * fetch and for every process that it starts with these variables: a proxy elsewhere cannot reach them.
 * @param env the process's own variables, which are changed: Node's fetch reads them at each call
 */
export function keepLoopbackDirect(env: NodeJS.ProcessEnv): void {
  // Node and curl prefer the lower case.
  const given = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[\s,]+/).filter(Boolean);
  if (given.includes('*')) return;
  const hosts = [...given, ...LOOPBACK.filter((host) => !given.includes(host))].join(',');
  env['no_proxy'] = hosts;
  env['NO_PROXY'] = hosts;
}
