/** One entry of `packages` in a package-lock.json (lockfile version 3), with the fields that are read here. */
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
 * Returns the part of a lockfile that some packages need: the packages and all their dependencies, with the same versions
 * and paths.
 * @param locked `packages` of the workspace's package-lock.json
 * @param names packages that are installed at the top of the workspace
 * @throws Error that names a package that is not in the lockfile
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
    if (!(place in locked)) throw new Error(`package-lock.json has no ${name}. Run npm install.`);
    visit(place);
  }
  return Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Removes npm's marks of development and peer dependencies, because the bundle needs every package. */
function withoutMarks(entry: LockedPackage): LockedPackage {
  const marks = new Set(['dev', 'devOptional', 'peer']);
  return Object.fromEntries(Object.entries(entry).filter(([field]) => !marks.has(field)));
}

/** Resolves a package like Node: in the node_modules of the dependent package, or in one further up. */
function resolvePlace(locked: LockedPackages, from: string, name: string): string | undefined {
  for (let place = from; ; place = place.slice(0, place.lastIndexOf('/node_modules/'))) {
    const candidate = `${place}/node_modules/${name}`;
    if (candidate in locked) return candidate;
    if (!place.includes('/node_modules/')) break;
  }
  const top = `node_modules/${name}`;
  return top in locked ? top : undefined;
}
