import { messageIdOf, type Message } from '../sqs/message/message.ts';
import { withDefaults } from '../sqs/queue/queue-attributes.ts';
import type { Queue } from '../sqs/queue/queue.ts';
import { html, type Html } from './html.ts';
import { ofNumbers, span, table } from './table.ts';

/** The number of messages that the page shows per queue, and the number of characters per message. */
const SHOWN_MESSAGES = 100;
const SHOWN_CHARACTERS = 4000;

export function queueTable(queues: readonly Queue[]): Html {
  return table(
    ['queue', ...['waiting', 'in flight', 'delayed', 'oldest message'].map(ofNumbers)],
    queues.map(queueRow),
  );
}

function queueRow(queue: Queue): Html {
  const { visible, inFlight, delayed } = queue.counts();
  const oldestMs = queue.oldestAgeMs();
  return html`<tr>
    <td><a href="/_local/queues/${encodeURIComponent(queue.name)}">${queue.name}</a></td>
    <td class="number">${visible}</td>
    <td class="number">${inFlight}</td>
    <td class="number">${delayed}</td>
    <td class="number">${oldestMs === undefined ? '' : span(oldestMs)}</td>
  </tr>`;
}

/** Renders a queue and its first messages without receiving any. */
export function queueContent(queue: Queue, nowMs: number): Html {
  const messages = queue.peek(SHOWN_MESSAGES);
  const { visible, inFlight, delayed } = queue.counts();
  const count = visible + inFlight + delayed;
  return html`<section id="queue">
      ${queueTable([queue])}
      <h2>Messages</h2>
      <p class="muted">
        ${count > messages.length ? `The first ${messages.length} of ${count}. ` : ''}Looking at
        them receives none.
      </p>
      ${table(
        ['id', 'state', ofNumbers('age'), ofNumbers('receives'), 'body'],
        messages.map((message) => messageRow(message, nowMs)),
      )}
    </section>
    <section id="attributes">
      <h2>Attributes</h2>
      ${table(
        ['name', 'value'],
        Object.entries(withDefaults(queue.attributes)).map(
          ([name, value]) =>
            html`<tr>
              <td>${name}</td>
              <td class="code">${String(value)}</td>
            </tr>`,
        ),
      )}
    </section>`;
}

function messageRow(message: Message, nowMs: number): Html {
  const { body } = message;
  const due = message.state === 'visible' ? '' : `, ${span(message.availableAtMs - nowMs)} to go`;
  const cut = body.length > SHOWN_CHARACTERS ? `… (${body.length} characters)` : '';
  const group = message.groupId === undefined ? '' : `group ${message.groupId}`;
  return html`<tr>
    <td class="code short">${messageIdOf(message)}<br /><span class="muted">${group}</span></td>
    <td class="short">${message.state}${due}</td>
    <td class="number">${span(nowMs - message.sentAtMs)}</td>
    <td class="number">${message.receiveCount}</td>
    <td><pre>${body.slice(0, SHOWN_CHARACTERS)}${cut}</pre></td>
  </tr>`;
}
