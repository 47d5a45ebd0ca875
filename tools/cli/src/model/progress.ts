import cliProgress from 'cli-progress';

export interface Progress extends Disposable {
  update(bytes: number): void;
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(1);

/** A bar where there is a terminal to draw it on. */
export function openProgress(
  name: string,
  bytes: number,
  stream: NodeJS.WritableStream & { isTTY?: boolean },
): Progress {
  if (stream.isTTY !== true) return { update: () => undefined, [Symbol.dispose]: () => undefined };
  const bar = new cliProgress.SingleBar({
    stream,
    format: `${name} {bar} {percentage} %  {mb} of ${mb(bytes)} MB  {eta_formatted} left`,
  });
  bar.start(bytes, 0, { mb: mb(0) });
  return {
    update: (have) => bar.update(have, { mb: mb(have) }),
    [Symbol.dispose]: () => bar.stop(),
  };
}
