import type { Job, JobEstimate } from '@labelfleet/client/jobs';

interface Range {
  low: number;
  high: number;
}

/** `1,203,441` */
export const count = (number: number): string => Math.round(number).toLocaleString('en');
const images = (number: number) => `${count(number)} ${number === 1 ? 'image' : 'images'}`;

/** `96 GB` */
export function bytes(amount: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'];
  const power = amount < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(amount) / 3));
  return `${Number((amount / 1000 ** power).toPrecision(3))} ${units[power] ?? ''}`;
}

const inDigits = (amount: number, digits: number) => amount.toFixed(digits);
/** Two places, and more for less than a dime: two digits that say something. */
const placesOf = (usd: number) =>
  usd >= 0.1 || usd === 0 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(usd)));
/** `3.10 USD` */
export const usd = (amount: number): string => `${inDigits(amount, placesOf(amount))} USD`;
const usdRange = ({ low, high }: Range): string => {
  const [from = '', to] = [low, high].map((amount) => inDigits(amount, placesOf(high)));
  if (Number(from) === 0 && high > 0) return `up to ${to} USD`;
  return from === to ? `${to} USD` : `${from} to ${to} USD`;
};

/** `41 to 55 min` */
export function timeRange({ low, high }: Range): string {
  const [unit, seconds] = high < 120 ? ['s', 1] : high < 7200 ? ['min', 60] : ['h', 3600];
  const digits = unit === 'h' && high < 36_000 ? 1 : 0;
  const [from, to] = [low, high].map((time) => inDigits(time / seconds, digits));
  return from === to ? `${to} ${unit}` : `${from} to ${to} ${unit}`;
}

/** `1,203,441 images, 96 GB: 3.10 to 3.60 USD, 41 to 55 min with 20 workers` */
export function estimateText(estimate: JobEstimate): string {
  const { complete, costUsd, seconds, workers } = estimate;
  const size = estimate.bytes === undefined ? '' : `, ${bytes(estimate.bytes)}`;
  const more = complete ? '' : ' and more';
  const cost = costUsd === null ? 'at an unknown price' : usdRange(costUsd);
  const fleet = workers === 1 ? '1 worker' : `${count(workers)} workers`;
  return `${images(estimate.images)}${size}${more}: ${cost}, ${timeRange(seconds)} with ${fleet}`;
}

export const doneOf = ({ counts }: Job): number =>
  counts.succeeded + counts.failed + counts.skipped;

/** `12,000 of 1,203,441 images, 3 failed, 410/s, 0.12 USD, 41 to 55 min left` */
export function progressText(job: Job, nowMs: number): string {
  const { counts, imagesPerSecond: rate, costUsd } = job;
  const total = `${images(counts.listed)}${job.status === 'planning' ? ' so far' : ''}`;
  return [
    `${count(doneOf(job))} of ${total}`,
    ...(counts.failed > 0 ? [`${count(counts.failed)} failed`] : []),
    ...(rate === undefined ? [] : [`${rate < 10 ? inDigits(rate, 1) : count(rate)}/s`]),
    ...(costUsd === null ? [] : [usd(costUsd)]),
    ...(job.status === 'canceling' ? ['stopping'] : timeLeft(job, nowMs)),
  ].join(', ');
}

function timeLeft({ estimatedCompletion: expected }: Job, nowMs: number): string[] {
  if (expected === undefined) return [];
  const secondsTo = (at: string) => Math.max(0, (Date.parse(at) - nowMs) / 1000);
  const { earliest, latest } = expected;
  return [`${timeRange({ low: secondsTo(earliest), high: secondsTo(latest) })} left`];
}

/** What became of a completed job: `19,000 images classified, 1,000 failed, 0.02 USD, in 41 s.` */
export function endText(job: Job): string {
  const { counts, costUsd, createdAt, completedAt, stop } = job;
  const seconds = (Date.parse(completedAt ?? createdAt) - Date.parse(createdAt)) / 1000;
  const parts = [
    `${images(counts.succeeded)} classified`,
    ...(counts.failed > 0 ? [`${count(counts.failed)} failed`] : []),
    ...(counts.skipped > 0 ? [`${count(counts.skipped)} left out`] : []),
    ...(costUsd === null ? [] : [usd(costUsd)]),
    `in ${seconds < 10 ? `${inDigits(seconds, 1)} s` : timeRange({ low: seconds, high: seconds })}`,
  ];
  return `${parts.join(', ')}.${stop === undefined ? '' : ` ${job.status}: ${stop.detail}`}`;
}
