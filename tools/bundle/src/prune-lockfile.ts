/** One entry of `packages` in a package-lock.json (lockfile version 3), as far as it is read here. */
interface LockedPackage {
  version?: string;
  license?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  [field: string]: unknown;
}
export type LockedPackages = Record<string, LockedPackage>;

/**
 * The part of a lockfile that some packages need: themselves and all that they depend on, each at the version
 * and place it has there.
 * @param locked `packages` of the workspace's package-lock.json
 * @param names packages that are installed at the top of the workspace
 * @throws Error naming a package that the lockfile does not have
 */
export function pruneLockfile(locked: LockedPackages, names: readonly string[]): LockedPackages {
  const kept: LockedPackages = {};
  const visit = (place: string) => {
    const entry = locked[place];
    if (entry === undefined || place in kept) return;
    kept[place] = withoutMarks(entry);
    const needs = {
      ...entry.dependencies,
      ...entry.optionalDependencies,
      ...entry.peerDependencies,
    };
    for (const name of Object.keys(needs)) {
      const found = resolvePlace(locked, place, name);
      if (found !== undefined) visit(found);
    }
  };
  for (const name of names) {
    const place = `node_modules/${name}`;
    if (!(place in locked)) throw new Error(`package-lock.json has no ${name}: run npm install`);
    visit(place);
  }
  return Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** npm's marks of why a package is in the workspace; in the bundle each is simply needed. */
function withoutMarks(entry: LockedPackage): LockedPackage {
  const marks = new Set(['dev', 'devOptional', 'peer']);
  return Object.fromEntries(Object.entries(entry).filter(([field]) => !marks.has(field)));
}

/** Where Node finds a package from another's place: in its own node_modules, or in one further up. */
function resolvePlace(locked: LockedPackages, from: string, name: string): string | undefined {
  for (let place = from; ; place = place.slice(0, place.lastIndexOf('/node_modules/'))) {
    const candidate = `${place}/node_modules/${name}`;
    if (candidate in locked) return candidate;
    if (!place.includes('/node_modules/')) break;
  }
  const top = `node_modules/${name}`;
  return top in locked ? top : undefined;
}
