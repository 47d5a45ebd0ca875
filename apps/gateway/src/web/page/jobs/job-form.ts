import type { JobRequest } from '@labelfleet/client/jobs';
import { byId } from '../show/dom.ts';
import type { JobActions } from './job-actions.ts';

/** Wires the form that starts jobs. */
export function wireJobForm(actions: JobActions, showOlder: () => void): void {
  const form = byId<HTMLFormElement>('job-form');
  form.addEventListener('input', actions.forget);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const request = requestOf(Object.fromEntries(new FormData(form)) as JobFields);
    if (event.submitter?.id === 'job-estimate') void actions.estimate(request);
    else
      void actions.start(request).then((isAccepted) => {
        if (isAccepted) form.reset();
      });
  });
  byId('older').addEventListener('click', showOlder);
}

/** What is typed into the form. */
type JobFields = Readonly<Record<'address' | 'hours' | 'usd', string>>;

/** @param fields hours and usd may be empty */
export function requestOf({ address, hours, usd }: JobFields): JobRequest {
  const number = (text: string) => (text === '' ? undefined : Number(text));
  const within = number(hours);
  const prefix = address.trim();
  return {
    // As in the command line.
    source: /\.(jsonl|ndjson)$/.test(prefix) ? { manifest: prefix } : { prefix },
    completeWithinSeconds: within && within * 3600,
    maxCostUsd: number(usd),
  };
}
