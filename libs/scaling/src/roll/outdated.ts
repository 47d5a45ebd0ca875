import type { FleetView, TemplateVersion, Worker } from '../observation.ts';

/**
 * The ids of workers that a roll replaces: of an older version of the launch template, or of another template, or
 * with an older model. What is unknown is not outdated.
 */
export function outdatedWorkers({ workers, newestTemplate }: FleetView): ReadonlySet<string> {
  const isOlderModel = olderModels(workers);
  return new Set(
    workers
      .filter((worker) => isOlderTemplate(worker.template, newestTemplate) || isOlderModel(worker))
      .map(({ id }) => id),
  );
}

const isOlderTemplate = (
  of: TemplateVersion | undefined,
  newest: TemplateVersion | undefined,
): boolean =>
  of !== undefined &&
  newest !== undefined &&
  (of.id !== newest.id || Number(of.version) < Number(newest.version));

/**
 * The newest model is that of the worker launched last. Another one is older only if its worker was launched before
 * every worker with the newest model: otherwise the fleet has several models at the same time, and a roll would never
 * end.
 */
function olderModels(workers: readonly Worker[]): (worker: Worker) => boolean {
  const byLaunch = workers
    .filter(({ model }) => model !== undefined)
    .toSorted((a, b) => a.launchedAtMs - b.launchedAtMs);
  const newest = byLaunch.at(-1)?.model;
  const first = byLaunch.find(({ model }) => model === newest);
  return ({ model, launchedAtMs }) =>
    model !== undefined &&
    model !== newest &&
    first !== undefined &&
    launchedAtMs < first.launchedAtMs;
}
