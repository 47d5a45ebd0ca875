import { copyFileSync, rmSync, statSync, truncateSync } from 'node:fs';

/** The size at which a log is rotated. Writers can exceed it between two checks. */
const MAX_LOG_BYTES = 10_000_000;

/** The interval at which callers check the size of a log. */
export const LOG_CHECK_MS = 1_000;

/**
 * Rotates a log that has reached its maximum size: copies it to `<path>.1`, which it replaces, and empties it. Its
 * writers keep the file open and must append (O_APPEND). A line that is written between the two steps is lost.
 * @throws Error if the log cannot be emptied
 */
export function rotateLog(path: string, maxBytes = MAX_LOG_BYTES): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  // The folder may have been deleted, or the log may be a device.
  if (stat?.isFile() !== true || stat.size < maxBytes) return;
  const older = `${path}.1`;
  try {
    copyFileSync(path, older);
  } catch {
    // On a full disk, an empty log makes room for newer lines, which matter more.
    rmSync(older, { force: true });
  }
  truncateSync(path);
}
