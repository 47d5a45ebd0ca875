import type { JobRequest } from '@labelfleet/client/jobs';
import { byId } from '../show/dom.ts';
import type { JobActions } from './job-actions.ts';

/** Wires the form that starts jobs. */
export function wireJobForm(actions: JobActions, showOlder: () => void): void {
  const form = byId<HTMLFormElement>('job-form');
  form.addEventListener('input', actions.forget);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const request = requestOf(new FormData(form));
    if (event.submitter?.id === 'job-estimate') void actions.estimate(request);
    else
      void actions.start(request).then((isAccepted) => {
        if (isAccepted) form.reset();
      });
  });
  byId('older').addEventListener('click', showOlder);
}

/** @param data address, hours and usd; the last two may be empty */
export function requestOf(data: Pick<FormData, 'get'>): JobRequest {
  const text = (name: string) => String(data.get(name)).trim();
  const number = (name: string) => (text(name) === '' ? undefined : Number(text(name)));
  const address = text('address');
  const hours = number('hours');
  return {
    // As in the command line.
    source: /\.(jsonl|ndjson)$/.test(address) ? { manifest: address } : { prefix: address },
    completeWithinSeconds: hours && hours * 3600,
    maxCostUsd: number('usd'),
  };
}
