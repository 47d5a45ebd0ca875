import { basename } from 'node:path';
import { csvLine } from '@labelfleet/cli/csv';
import type { Answer } from './run.ts';
import type { Summary } from './summary.ts';

/** Formats one answer: file, label, latency and, if it is wrong or failed, why. */
export function answerLine({ file, latencyMs, outcome }: Answer): string {
  const fields = [basename(file), outcome.kind === 'failed' ? '' : outcome.label, ms(latencyMs)];
  if (outcome.kind === 'wrong') fields.push(`WRONG, expected ${outcome.expected}`);
  if (outcome.kind === 'failed') fields.push(`FAILED ${outcome.reason}`);
  return fields.join('\t');
}

/** Formats all answers as CSV. `--expect` can read it if every answer has a label. */
export function answersCsv(answers: readonly Answer[]): string {
  const rows = answers.map(({ file, latencyMs, outcome }) =>
    outcome.kind === 'failed'
      ? [basename(file), '', latencyMs.toFixed(1), outcome.reason]
      : [basename(file), outcome.label, latencyMs.toFixed(1), ''],
  );
  return [['file', 'label', 'latencyMs', 'failure'], ...rows]
    .map((row) => `${csvLine(row)}\n`)
    .join('');
}

/** @param checked true if labels were compared with expected ones */
export function summaryLines(summary: Summary, checked: boolean): string[] {
  const { requests, right, wrong, failed, elapsedSeconds, throughput, latencyMs } = summary;
  const counts = checked ? `${right} right, ${wrong} wrong` : `${right} labels (not compared)`;
  return [
    `${requests} requests in ${elapsedSeconds.toFixed(2)} s: ${counts}, ${failed} failed`,
    `throughput ${throughput.toFixed(2)} labels/s`,
    latencyMs === undefined
      ? 'latency unknown: no request got a label'
      : `latency p50 ${ms(latencyMs.p50)}, p95 ${ms(latencyMs.p95)}, p99 ${ms(latencyMs.p99)}`,
  ];
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
