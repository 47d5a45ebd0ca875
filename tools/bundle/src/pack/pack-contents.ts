import type { Arch } from './arch.ts';

/** Parts of installed packages that no running app reads. */
const UNUSED = [
  /^\.package-lock\.json$|^\.bin(\/|$)/,
  // The pack has `node` at its top; the rest of that package is headers and manual pages.
  /^node-linux-/,
  // Source, declarations and the download of GPU libraries.
  /^onnxruntime-(node|common)\/(lib|script|docs)(\/|$)/,
  /\.(d\.[cm]?ts|map)$|(^|\/)(README|CHANGELOG)\.md$/,
];

/**
 * Says which files of an installed node_modules belong into a pack.
 * @param path from node_modules, with `/`
 */
export function belongsInPack(path: string, arch: Arch): boolean {
  const [, platform, cpu] =
    /^onnxruntime-node\/bin\/napi-v6\/([^/]+)(?:\/([^/]+))?/.exec(path) ?? [];
  if (platform !== undefined && platform !== 'linux') return false;
  if (cpu !== undefined && cpu !== arch) return false;
  return !UNUSED.some((pattern) => pattern.test(path));
}
