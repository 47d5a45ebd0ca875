import { copyFileSync, rmSync, statSync, truncateSync } from 'node:fs';

/** The size from which a log is begun anew. Writers can exceed it between two looks. */
const MAX_LOG_BYTES = 10_000_000;

/** How often a log that is written to should be looked at. */
export const LOOK_AT_LOGS_MS = 1_000;

/**
 * Begins a log anew when it has reached its size: what it holds goes to `<path>.1`, in the place of what was there.
 * Its writers keep it open, so it is copied and emptied; they must append (O_APPEND). A line that is written between
 * the two steps is lost.
 * @throws Error where the log can be neither copied nor emptied
 */
export function boundLog(path: string, maxBytes = MAX_LOG_BYTES): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  // Its folder may have been deleted, or the log be a device.
  if (stat?.isFile() !== true || stat.size < maxBytes) return;
  const older = `${path}.1`;
  try {
    copyFileSync(path, older);
  } catch {
    // On a full disk the newer lines matter more: an empty log makes room for them.
    rmSync(older, { force: true });
  }
  truncateSync(path);
}
