import { markdownTable } from '@labelfleet/fleet-sim/markdown-table';
import { summarise } from '@labelfleet/loadgen/summary';
import { drawRound } from './draw-round.ts';
import type { Case } from './judge.ts';
import type { ClassicOptions } from './options.ts';
import { living, peakOf, type Round } from './round.ts';

/** Where and when it ran. */
export interface Machine {
  time: string;
  cpu: string;
  cores: number;
  /** The load average of the last minute before the start. */
  loadBefore: number;
}

const pictureOf = ({ images }: Round) => `${images}-images.svg`;
const SHOWN_FAULTS = 10;
const SHOWN_CHARACTERS = 300;

/** The report's files by name: a page in Markdown and a picture for each round. */
export function makeReport(
  cases: readonly Case[],
  rounds: readonly Round[],
  options: ClassicOptions,
  machine: Machine,
): Map<string, string> {
  return new Map([
    ['README.md', page(cases, rounds, options, machine)],
    ...rounds.map((round) => [pictureOf(round), drawRound(round)] as const),
  ]);
}

function page(
  cases: readonly Case[],
  rounds: readonly Round[],
  options: ClassicOptions,
  machine: Machine,
): string {
  const passed = cases.filter(({ faults }) => faults.length === 0).length;
  const { threads, maxWorkers, bootSeconds, withinSeconds } = options;
  return `${[
    `# The classic course set-up: ${passed} of ${cases.length} cases passed`,
    `${machine.time}, on ${machine.cores} cores of ${machine.cpu}, with a load average of ${machine.loadBefore.toFixed(1)} before the start. All instances are processes on this machine and share its cores, so times are of this machine and not of EC2.`,
    `Policy \`per-message\`, at most ${maxWorkers} instances, a boot of ${bootSeconds} s and the start of the worker, ${threads} threads, at most ${withinSeconds} s for a round.`,
    markdownTable(
      ['case', 'verdict', 'seen'],
      cases.map(({ name, seen, faults }) => [
        name,
        faults.length === 0 ? 'passed' : 'FAILED',
        seen,
      ]),
      3,
    ),
    ...faultsOf(cases),
    '## Rounds',
    'Times are seconds: the first and the last answer and the end of the last instance since the first upload; p50 and p95 of the time from the upload of an image to its answer. Instances are counted in listings of EC2, four a second.',
    roundTable(rounds),
    ...rounds.map((round) => `![${round.images} images over time](${pictureOf(round)})`),
  ].join('\n\n')}\n`;
}

/** The first faults of each case. */
function faultsOf(cases: readonly Case[]): string[] {
  const lines = cases.flatMap(({ name, faults }) => {
    const hidden = faults.length - SHOWN_FAULTS;
    const shown = [...faults.slice(0, SHOWN_FAULTS), ...(hidden > 0 ? [`${hidden} more`] : [])];
    return shown.map((fault) => `- ${name}: ${fault.slice(0, SHOWN_CHARACTERS)}`);
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function roundTable(rounds: readonly Round[]): string {
  const seconds = (ms: number | undefined) => (ms === undefined ? '-' : (ms / 1000).toFixed(1));
  return markdownTable(
    [
      ...['images', 'launched', 'most at once', 'most running'],
      ...['first answer', 'last answer', 'per image', 'p50', 'p95', 'no instance'],
    ],
    rounds.map((round) => {
      const { latencyMs } = summarise(round);
      const { images, launched, answers, samples, elapsedMs } = round;
      const emptyAt = samples.findLast((sample) => living(sample) > 0)?.atMs;
      return [
        ...[images, launched, peakOf(round)].map(String),
        String(Math.max(0, ...samples.map(({ running }) => running))),
        ...[answers[0]?.atMs, elapsedMs, elapsedMs / images].map(seconds),
        ...[latencyMs?.p50, latencyMs?.p95, emptyAt].map(seconds),
      ];
    }),
    0,
  );
}
