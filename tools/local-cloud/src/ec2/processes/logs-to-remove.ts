interface LogFile {
  /** `<instance id>.log`, or `.log.1` for the older lines. */
  name: string;
  writtenMs: number;
}

/** Returns the logs to remove so that those of the `keep` ended instances that wrote last are left. */
export function logsToRemove(
  files: readonly LogFile[],
  running: ReadonlySet<string>,
  keep: number,
): string[] {
  const lastWrittenMs = new Map<string, number>();
  for (const { name, writtenMs } of files) {
    const id = instanceOf(name);
    if (id === undefined || running.has(id)) continue;
    lastWrittenMs.set(id, Math.max(writtenMs, lastWrittenMs.get(id) ?? 0));
  }
  const newestFirst = [...lastWrittenMs].sort(([, a], [, b]) => b - a).map(([id]) => id);
  const removed = new Set(newestFirst.slice(keep));
  return files.map(({ name }) => name).filter((name) => removed.has(instanceOf(name) ?? ''));
}

const instanceOf = (name: string): string | undefined => /^(.+)\.log(?:\.1)?$/.exec(name)?.[1];
