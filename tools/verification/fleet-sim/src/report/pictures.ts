import { fleetPicture } from './picture/fleet-picture.ts';
import { planePicture } from './picture/plane-picture.ts';
import type { WorkloadSummary } from './summarise.ts';

/** `plane`: the cost and wait of each policy; `fleet`: its fleet and backlog over time. */
export interface Picture {
  workload: string;
  kind: 'plane' | 'fleet';
}

/** The charts of the report: a burst without workers, repeated bursts, and a day. */
const SHOWN: readonly Picture[] = [
  { workload: 'burst-100', kind: 'plane' },
  { workload: 'sparse-bursts', kind: 'fleet' },
  { workload: 'day-14', kind: 'plane' },
  { workload: 'day-14', kind: 'fleet' },
];

export const pictureFile = ({ workload, kind }: Picture): string => `${workload}-${kind}.svg`;

/** The charts of the workloads that were run, and their SVG sources. */
export function drawImages(
  summaries: readonly WorkloadSummary[],
  ours: string,
): { picture: Picture; svg: string }[] {
  return SHOWN.flatMap((picture) => {
    const summary = summaries.find(({ workload }) => workload.name === picture.workload);
    if (summary === undefined) return [];
    const draw = picture.kind === 'plane' ? planePicture : fleetPicture;
    return [{ picture, svg: draw(summary, ours) }];
  });
}
