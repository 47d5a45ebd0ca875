import type { Instance } from '../ec2/instances/instance.ts';
import { html, type Html } from './html.ts';
import { button, ofNumbers, span, table } from './table.ts';

/** The newest first. */
export function instanceTable(instances: readonly Instance[], nowMs: number): Html {
  return table(
    ['instance', 'state', ofNumbers('since launch'), 'type', 'zone', 'tags', '', ''],
    instances.toReversed().map((instance) => instanceRow(instance, nowMs)),
  );
}

function instanceRow(instance: Instance, nowMs: number): Html {
  const { id, spotNotice, spec } = instance;
  const tags = Object.entries(instance.tags).map(([key, value]) => `${key}=${value}`);
  const notice =
    spotNotice === undefined ? '' : `, Spot notice: ${span(spotNotice.atMs - nowMs)} left`;
  const reason = instance.stateReason?.message ?? '';
  return html`<tr>
    <td class="code">${id}</td>
    <td title="${reason}">${instance.state}<span class="bad">${notice}</span></td>
    <td class="number">${span(nowMs - instance.launchedAtMs)}</td>
    <td>${spec.instanceType}${spec.market === 'spot' ? ' (spot)' : ''}</td>
    <td>${instance.zone}</td>
    <td class="code">${tags.join(' ')}</td>
    <td><a href="/_local/instances/${id}/log?tail=65536">log</a></td>
    <td class="short">${buttons(instance)}</td>
  </tr>`;
}

function buttons({ id, state }: Instance): Html[] {
  const address = `/_local/instances/${id}`;
  const terminate = button('terminate', `${address}/terminate`);
  if (state === 'pending') return [terminate];
  if (state !== 'running') return [];
  return [
    terminate,
    button('kill -9', `${address}/kill`),
    button('Spot notice', `${address}/spot-notice`),
  ];
}
