import {
  change,
  sendFromGateway,
  store,
  withItem,
  type Answer,
  type Gateway,
  type RequestBounds,
  type RequestState,
  type RequestSteps,
} from './state.ts';

/** The next steps and faults of each gateway and its client (P1, P7, P10, P11). */
export function gatewaySteps(steps: RequestSteps, bounds: RequestBounds): void {
  steps.state.gateways.forEach((gateway, index) => {
    stepsOf(steps.of(`gateway ${index + 1}`), gateway, index, bounds);
  });
}

function stepsOf(
  steps: RequestSteps,
  gateway: Gateway,
  index: number,
  { without }: RequestBounds,
): void {
  const { state } = steps;
  const become = (changes: Partial<Gateway>, from: RequestState) =>
    change(from, { gateways: from.gateways.with(index, { ...gateway, ...changes }) });
  const go = (label: string, at: Gateway['at'], changes: Partial<RequestState> = {}) => {
    steps.add(label, become({ at }, change(state, changes)));
  };
  const answer = (from: RequestState, value: Answer, how: string) => {
    const answers = withItem(from.answers, value);
    steps.add(`answers ${value} ${how}`, become({ at: 'answered' }, change(from, { answers })));
  };
  const sent = (from: RequestState) =>
    sendFromGateway(from, gateway.again && without !== 'markResent');

  const sendSteps = () => {
    const at = without === 'imageBeforeSend' ? 'sent' : 'acknowledged';
    const accepted = (from: RequestState) => become({ at }, change(sent(from), { accepted: true }));
    const unclear = (from: RequestState) => sent(change(from, { senders: from.senders + 1 }));
    steps.add(`sends${gateway.again ? ' again' : ''}; the queue acknowledges`, accepted(state));
    if (without === 'noHiddenRetry') {
      const label = 'sends; the reply is lost and the SDK sends a duplicate';
      steps.fault('sendRepliesLost', label, (spent) => accepted(unclear(spent)));
    } else {
      steps.fault('sendRepliesLost', 'sends; the reply is lost', (spent) =>
        become({ again: true }, unclear(spent)),
      );
    }
  };

  switch (gateway.at) {
    case 'new':
      if (state.requests > 0)
        steps.add('finds the key claimed', become({ at: 'repeating', again: true }, state));
      else if (without === 'claimOnce') go('finds the key free', 'unclaimed');
      else go('claims the key', 'claimed', { requests: 1, claim: index });
      break;
    case 'repeating':
      if (state.result !== '') answer(state, state.result, 'from the store');
      else if (state.markedSent) go('finds that the message was sent', 'waiting');
      else if (without === 'repeatWaits') go('sends too', 'claimed', { claim: index });
      else if (mayStillSend(state) || without === 'repeatTakesOver') break;
      else if (without === 'takeOverOnce') go('finds the sender gone', 'taking-over');
      else go('takes over', 'claimed', { claim: index });
      break;
    case 'taking-over':
      go('takes over', 'claimed', { claim: index });
      break;
    case 'unclaimed':
      go('claims the key', 'claimed', { requests: state.requests + 1, claim: index });
      break;
    case 'claimed':
      if (without === 'imageBeforeSend') sendSteps();
      else go('stores the image', 'stored', { image: 'stored' });
      break;
    case 'stored':
      if (without === 'acceptedWhenAcknowledged')
        go('calls the request accepted', 'accepted-early', { accepted: true });
      else sendSteps();
      break;
    case 'accepted-early':
      sendSteps();
      break;
    case 'sent':
      go('stores the image', 'acknowledged', { image: 'stored' });
      break;
    case 'acknowledged':
      go('marks the record as sent', 'waiting', without === 'markSent' ? {} : { markedSent: true });
      break;
    case 'waiting': {
      for (const value of state.replies) answer(state, value, 'from a reply');
      if (state.result !== '' && without !== 'waiterLooks')
        answer(state, state.result, 'from the store');
      if (state.deadlinePassed) {
        const stored = store(state, 'deadline-exceeded', without);
        if (stored.result !== '') answer(stored, stored.result, 'at the deadline');
      }
      break;
    }
    case 'down':
      steps.add('is restarted, and the client repeats', become({ at: 'new' }, state), true);
      break;
    case 'answered':
  }
  if (!['new', 'answered', 'down'].includes(gateway.at)) {
    steps.fault('gatewayCrashes', `is killed (${gateway.at})`, (spent) => {
      const senders = spent.senders + (isSending(gateway) ? 1 : 0);
      return become({ at: 'down' }, change(spent, { senders }));
    });
  }
}

/** True if it has a claim whose outcome is not in the record. */
const isSending = ({ at }: Gateway): boolean =>
  ['claimed', 'stored', 'accepted-early', 'sent', 'acknowledged'].includes(at);

/** The model has no time: a claim expires as soon as its gateway has died. */
function mayStillSend({ claim, gateways }: RequestState): boolean {
  const claimant = gateways[claim];
  return claimant !== undefined && isSending(claimant);
}
