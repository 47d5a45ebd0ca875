import { byId, setText, setTextOrHide } from '../show/dom.ts';
import type { State } from '../state/state.ts';
import type { JobActions } from './job-actions.ts';
import { JobCard } from './job-card.ts';
import { runningWords } from './job-words.ts';
import { isOpen } from './jobs-state.ts';

/** Shows the jobs and what came of the form. Nothing of it if the gateway has no jobs. */
export function jobsPanel(actions: JobActions): (state: State, now: number) => void {
  const panel = byId<HTMLDetailsElement>('jobs');
  const list = byId('job-cards');
  const cards = new Map<string, JobCard>();
  let isOpened = false;
  return ({ jobs, rows, trouble }, now) => {
    panel.hidden = jobs === undefined;
    if (jobs === undefined) return;
    // Images come first. In between, the user opens and closes it.
    const opens = jobs.list.length > 0 && rows.length === 0;
    if (opens !== isOpened) panel.open = isOpened = opens;
    setText(byId('jobs-line'), runningWords(jobs.list));
    const { answer } = jobs;
    setText(byId('job-answer'), answer?.text ?? '');
    setText(byId('job-more'), answer?.more ?? '');
    byId('job-answer').classList.toggle('wrong', answer?.isRefusal === true);
    setTextOrHide(
      byId('job-trouble'),
      trouble !== undefined && jobs.list.some(isOpen)
        ? 'What is shown here is from before the connection was lost. The jobs go on.'
        : '',
    );
    byId('older').hidden = !jobs.hasOlder;
    const ids = new Set(jobs.list.map(({ id }) => id));
    for (const [id, card] of cards) {
      if (ids.has(id)) continue;
      card.element.remove();
      cards.delete(id);
    }
    jobs.list.forEach((job, index) => {
      const card = cards.get(job.id) ?? new JobCard(job, actions);
      cards.set(job.id, card);
      const there = list.children[index] ?? null;
      if (there !== card.element) list.insertBefore(card.element, there);
      card.update(job, jobs.note, now);
    });
  };
}
