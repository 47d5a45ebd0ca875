import { basename } from 'node:path';
import { csvLine } from './csv.ts';
import type { Answer } from './run.ts';
import type { Summary } from './summary.ts';

/** One answer for the reader: file, label, latency and, where it is not right, what is the matter. */
export function answerLine({ file, latencyMs, outcome }: Answer): string {
  const fields = [basename(file), outcome.kind === 'failed' ? '' : outcome.label, ms(latencyMs)];
  if (outcome.kind === 'wrong') fields.push(`WRONG, expected ${outcome.expected}`);
  if (outcome.kind === 'failed') fields.push(`FAILED ${outcome.reason}`);
  return fields.join('\t');
}

/** All answers as CSV, which `--expect` reads where every one has a label. */
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

/** @param checked whether labels were compared with expected ones */
export function summaryLines(summary: Summary, checked: boolean): string[] {
  const { requests, right, wrong, failed, elapsedSeconds, throughput, latencyMs } = summary;
  const counts = checked ? `${right} right, ${wrong} wrong` : `${right} labels (not compared)`;
  return [
    `${requests} requests in ${elapsedSeconds.toFixed(2)} s: ${counts}, ${failed} failed`,
    `throughput ${throughput.toFixed(2)} labels/s`,
    latencyMs === undefined
      ? 'latency unknown: there was no label'
      : `latency p50 ${ms(latencyMs.p50)}, p95 ${ms(latencyMs.p95)}, p99 ${ms(latencyMs.p99)}`,
  ];
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
