/** The page, its documentation and what operators read need no API key, and a preflight cannot carry one. */
export const needsKey = (method: string, path: string): boolean =>
  method !== 'OPTIONS' && (path.startsWith('/v1/') || (path === '/' && method === 'POST'));
