import type { Step } from '../explore.ts';
import {
  change,
  replaced,
  sendFromGateway,
  spend,
  store,
  withItem,
  type Answer,
  type Gateway,
  type RequestBounds,
  type RequestState,
} from './state.ts';

/** The next steps and faults of each gateway and its client (P1, P7, P10, P11). */
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
  const sent = (from: RequestState) =>
    sendFromGateway(from, gateway.again && without !== 'markResent');
  const afterSend = without === 'imageBeforeSend' ? 'sent' : 'acknowledged';

  const answer = (from: RequestState, value: Answer, how: string) =>
    add(
      `answers ${value} ${how}`,
      set(change(from, { answers: withItem(from.answers, value) }), { at: 'answered' }),
    );

  const sendSteps = () => {
    const accepted = change(sent(state), { accepted: true });
    add(
      `sends${gateway.again ? ' again' : ''}; the queue acknowledges`,
      set(accepted, { at: afterSend }),
    );
    const left = spend(state, 'sendRepliesLost');
    if (left === undefined) return;
    const spent = change(left, { senders: left.senders + 1 });
    if (without === 'noHiddenRetry') {
      const twins = change(sent(sent(spent)), { accepted: true });
      add(
        'sends; the reply is lost and the SDK sends a duplicate',
        set(twins, { at: afterSend }),
        true,
      );
    } else {
      add('sends; the reply is lost', set(sent(spent), { again: true }), true);
    }
  };

  switch (gateway.at) {
    case 'new':
      if (state.requests > 0)
        add('finds the key claimed', set(state, { at: 'repeating', again: true }));
      else if (without === 'claimOnce') add('finds the key free', set(state, { at: 'unclaimed' }));
      else
        add('claims the key', set(change(state, { requests: 1, claim: index }), { at: 'claimed' }));
      break;
    case 'repeating': {
      const takeOver = set(change(state, { claim: index }), { at: 'claimed' });
      if (state.result !== '') answer(state, state.result, 'from the store');
      else if (state.markedSent)
        add('finds that the message was sent', set(state, { at: 'waiting' }));
      else if (without === 'repeatWaits') add('sends too', takeOver);
      else if (mayStillSend(state) || without === 'repeatTakesOver') break;
      else if (without === 'takeOverOnce')
        add('finds the sender gone', set(state, { at: 'taking-over' }));
      else add('takes over', takeOver);
      break;
    }
    case 'taking-over':
      add('takes over', set(change(state, { claim: index }), { at: 'claimed' }));
      break;
    case 'unclaimed':
      add(
        'claims the key',
        set(change(state, { requests: state.requests + 1, claim: index }), { at: 'claimed' }),
      );
      break;
    case 'claimed':
      if (without === 'imageBeforeSend') sendSteps();
      else add('stores the image', set(change(state, { image: 'stored' }), { at: 'stored' }));
      break;
    case 'stored':
      if (without === 'acceptedWhenAcknowledged') {
        add(
          'calls the request accepted',
          set(change(state, { accepted: true }), { at: 'accepted-early' }),
        );
      } else sendSteps();
      break;
    case 'accepted-early':
      sendSteps();
      break;
    case 'sent':
      add('stores the image', set(change(state, { image: 'stored' }), { at: 'acknowledged' }));
      break;
    case 'acknowledged': {
      const marked = without === 'markSent' ? state : change(state, { markedSent: true });
      add('marks the record as sent', set(marked, { at: 'waiting' }));
      break;
    }
    case 'waiting': {
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
    const lost = isSending(gateway) ? 1 : 0;
    const senders = crashed.senders + lost;
    add(`is killed (${gateway.at})`, set(change(crashed, { senders }), { at: 'down' }), true);
  }
  return steps;
}

/** True if it has a claim whose outcome is not in the record. */
const isSending = ({ at }: Gateway): boolean =>
  ['claimed', 'stored', 'accepted-early', 'sent', 'acknowledged'].includes(at);

/** The model has no time: a claim expires as soon as its gateway has died. */
function mayStillSend({ claim, gateways }: RequestState): boolean {
  const claimant = gateways[claim];
  return claimant !== undefined && isSending(claimant);
}
