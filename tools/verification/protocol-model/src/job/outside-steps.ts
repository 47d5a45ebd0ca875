import { CANCELED } from './product.ts';
import { change, purge, send, type JobBounds, type JobSteps } from './state.ts';

/** The gateway that creates the job (J1), its caller, and what happens to queue and source. */
export function outsideSteps(steps: JobSteps, bounds: JobBounds): void {
  gatewaySteps(steps.of('the gateway'), bounds);
  const { state } = steps;
  if (state.accepted && state.stop === null && state.summary === null)
    steps.fault('cancels', 'the job is canceled', (spent) => change(spent, { stop: CANCELED }));
  if (state.messages.some(({ at }) => at === 'queue' || at === 'flight'))
    steps.fault('purges', 'the queue is purged', purge);
  if (state.plan === null)
    steps.fault('sourceChanges', 'the source changes', (spent) =>
      change(spent, { source: spent.source + 1 }),
    );
}

function gatewaySteps(steps: JobSteps, { without }: JobBounds): void {
  const { state } = steps;
  const { gateway } = state;
  const mark = change(state, { active: true });
  const plan = { type: 'plan', resent: false } as const;
  switch (gateway) {
    case 'new': {
      const accepted = without === 'acceptedWhenSent';
      steps.add('stores the job', change(state, { gateway: 'stored', accepted }));
      break;
    }
    case 'stored':
      if (without === 'markBeforeSend')
        steps.add(
          'sends the plan message',
          send(change(state, { gateway: 'sent', accepted: true }), plan),
        );
      else steps.add('puts the active marker', change(mark, { gateway: 'marked' }));
      break;
    case 'marked':
      steps.add(
        'sends the plan message',
        send(change(state, { gateway: 'done', accepted: true }), plan),
      );
      break;
    case 'sent':
      steps.add('puts the active marker', change(mark, { gateway: 'done' }));
      break;
    case 'done':
    case 'down':
      return;
  }
  if (gateway !== 'new')
    steps.fault('gatewayCrashes', 'is killed', (spent) => change(spent, { gateway: 'down' }));
}
