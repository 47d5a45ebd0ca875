import type { Step } from '../explore.ts';
import {
  change,
  replaced,
  send,
  spend,
  store,
  withItem,
  type Answer,
  type Gateway,
  type RequestBounds,
  type RequestState,
} from './state.ts';

/** What each gateway, and its client, may do next (P1, P7, P10, P11). */
export function gatewaySteps(state: RequestState, bounds: RequestBounds): Step<RequestState>[] {
  return state.gateways.flatMap((gateway, index) => stepsOf(state, gateway, index, bounds));
}

function stepsOf(
  state: RequestState,
  gateway: Gateway,
  index: number,
  { without }: RequestBounds,
): Step<RequestState>[] {
  const name = `gateway ${index + 1}`;
  const steps: Step<RequestState>[] = [];
  const set = (from: RequestState, changes: Partial<Gateway>) =>
    change(from, { gateways: replaced(from.gateways, index, { ...gateway, ...changes }) });
  const add = (label: string, to: RequestState, fault = false) =>
    steps.push({ label: `${name} ${label}`, to, fault });
  const sent = (from: RequestState) => send(from, gateway.again && without !== 'markResent');
  const afterSend = without === 'imageBeforeSend' ? 'sent' : 'waiting';

  const sendSteps = () => {
    const accepted = change(sent(state), { accepted: true });
    add(
      `sends${gateway.again ? ' again' : ''}; the queue acknowledges`,
      set(accepted, { at: afterSend }),
    );
    const spent = spend(state, 'sendRepliesLost');
    if (spent === undefined) return;
    if (without === 'noHiddenRetry') {
      const twins = change(sent(sent(spent)), { accepted: true });
      add('sends; the reply is lost and the SDK sends a twin', set(twins, { at: afterSend }), true);
    } else {
      add('sends; the reply is lost', set(sent(spent), { again: true }), true);
    }
  };

  switch (gateway.at) {
    case 'new':
      if (state.requests > 0)
        add('finds the key claimed', set(state, { at: 'claimed', again: true }));
      else if (without === 'claimOnce') add('finds the key free', set(state, { at: 'unclaimed' }));
      else add('claims the key', set(change(state, { requests: 1 }), { at: 'claimed' }));
      break;
    case 'unclaimed':
      add(
        'claims the key',
        set(change(state, { requests: state.requests + 1 }), { at: 'claimed' }),
      );
      break;
    case 'claimed':
      if (without === 'imageBeforeSend') sendSteps();
      else add('stores the image', set(change(state, { image: 'stored' }), { at: 'stored' }));
      break;
    case 'stored':
      if (without === 'acceptedWhenAcknowledged') {
        add('calls the request accepted', set(change(state, { accepted: true }), { at: 'told' }));
      } else sendSteps();
      break;
    case 'told':
      sendSteps();
      break;
    case 'sent':
      add('stores the image', set(change(state, { image: 'stored' }), { at: 'waiting' }));
      break;
    case 'waiting': {
      const answer = (from: RequestState, value: Answer, how: string) =>
        add(
          `answers ${value} ${how}`,
          set(change(from, { answers: withItem(from.answers, value) }), { at: 'answered' }),
        );
      for (const value of state.replies) answer(state, value, 'from a reply');
      if (state.result !== '' && without !== 'waiterLooks') {
        answer(state, state.result, 'from the store');
      }
      if (state.deadlinePassed) {
        const stored = store(state, 'deadline-exceeded', without);
        if (stored.result !== '') answer(stored, stored.result, 'at the deadline');
      }
      break;
    }
    case 'down':
      add('is restarted, and the client repeats', set(state, { at: 'new' }), true);
      break;
    case 'answered':
  }
  const crashed = spend(state, 'gatewayCrashes');
  if (crashed !== undefined && !['new', 'answered', 'down'].includes(gateway.at)) {
    add(`is killed (${gateway.at})`, set(crashed, { at: 'down' }), true);
  }
  return steps;
}
