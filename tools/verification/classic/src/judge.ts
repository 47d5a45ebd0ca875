import { basename } from 'node:path';
import { living, peakOf, type Round } from './round.ts';

/** An image in the input bucket and the label of its result in the output bucket. */
export interface Stored {
  file: string;
  sha256: string;
  label: string;
}

export interface Evaluation {
  rounds: Round[];
  /** All images that were sent, with the labels of direct classification. */
  sent: Stored[];
  /** What the buckets hold, or why images and results do not match. */
  stored: Stored[] | { fault: string };
}

export interface Case {
  name: string;
  /** What was seen. */
  seen: string;
  /** Empty if the case has passed. */
  faults: string[];
}

export interface Limits {
  maxWorkers: number;
  withinSeconds: number;
}

/** The four test cases of the course. */
export function judge(evaluation: Evaluation, limits: Limits): Case[] {
  const { rounds } = evaluation;
  return [
    judgeAnswers(rounds),
    judgeBuckets(evaluation),
    judgeInstances(rounds, limits.maxWorkers),
    judgeTime(rounds, limits.withinSeconds),
  ];
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
const ofRound = ({ images }: Round) => `${images} images`;

function judgeAnswers(rounds: readonly Round[]): Case {
  const right = rounds.map(({ answers }) => answers.filter(({ outcome }) => isRight(outcome)));
  const faults = rounds.flatMap((round) => {
    const wrong = round.answers.flatMap(({ file, outcome }) =>
      isRight(outcome) ? [] : [`${ofRound(round)}: ${basename(file)}: ${describe(outcome)}`],
    );
    const missing = round.images - round.answers.length;
    return missing === 0 ? wrong : [...wrong, `${ofRound(round)}: ${missing} without an answer`];
  });
  const all = sum(rounds.map(({ images }) => images));
  return {
    name: 'answers',
    seen: `${sum(right.map(({ length }) => length))} of ${all} labels are those of direct classification`,
    faults,
  };
}

type Outcome = Round['answers'][number]['outcome'];
const isRight = ({ kind }: Outcome) => kind === 'right';
const describe = (outcome: Outcome) =>
  outcome.kind === 'wrong'
    ? `${outcome.label} instead of ${outcome.expected}`
    : outcome.kind === 'failed'
      ? outcome.reason
      : outcome.label;

function judgeBuckets({ sent, stored }: Evaluation): Case {
  const name = 'buckets';
  if (!Array.isArray(stored))
    return { name, seen: 'images and results do not match', faults: [stored.fault] };
  const seen = `${stored.length} images, each with its result`;
  return {
    name,
    seen,
    faults: [
      ...without(sent, stored).map((line) => `missing or wrong: ${line}`),
      ...without(stored, sent).map((line) => `not sent: ${line}`),
    ],
  };
}

/** The entries of one list that are not in the other, which may have the same entry several times. */
function without(all: readonly Stored[], others: readonly Stored[]): string[] {
  const line = ({ file, label, sha256 }: Stored) => `${file} ${label} (${sha256.slice(0, 12)})`;
  const left = others.map(line);
  return all.map(line).filter((each) => {
    const index = left.indexOf(each);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

function judgeInstances(rounds: readonly Round[], maxWorkers: number): Case {
  const faults = rounds.flatMap((round) => {
    const [peak, expected] = [peakOf(round), Math.min(round.images, maxWorkers)];
    const [first, last] = [round.samples[0], round.samples.at(-1)];
    const begun = first === undefined ? 'none was listed' : living(first);
    const left = last === undefined ? 'none was listed' : living(last);
    return [
      ...(begun === 0 ? [] : [`instances at the start: ${begun}`]),
      ...(peak === expected ? [] : [`most instances at once: ${peak} instead of ${expected}`]),
      ...(left === 0 ? [] : [`instances at the end: ${left}`]),
    ].map((fault) => `${ofRound(round)}: ${fault}`);
  });
  const peaks = rounds.map((round) => `${ofRound(round)}: ${peakOf(round)} at once`);
  return { name: 'instances', seen: peaks.join('; '), faults };
}

function judgeTime(rounds: readonly Round[], withinSeconds: number): Case {
  const times = rounds.map((round) => {
    const seconds = round.elapsedMs / 1000;
    return { seconds, said: `${ofRound(round)} in ${seconds.toFixed(1)} s` };
  });
  return {
    name: 'time',
    seen: times.map(({ said }) => said).join('; '),
    faults: times
      .filter(({ seconds }) => seconds > withinSeconds)
      .map(({ said }) => `${said}, more than ${withinSeconds} s`),
  };
}
