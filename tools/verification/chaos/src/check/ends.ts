import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

export const findLeft = ({ left }: Evidence): Finding[] =>
  left.map(({ what }) => ({ rule: 'nothing is left running', subject: what, what }));

/** A process may end only because it was killed or stopped. */
export function findBroken({ ended, logs, kills, answers }: Evidence): Finding[] {
  const died = ended
    .filter(({ asked, code, tooEarly }) => !tooEarly && !(asked && code === 0))
    .map(({ name, code, signal }) => ({ name, what: `ended with ${code ?? signal}` }));
  const killed = new Set(kills.map(({ name }) => name));
  const ofWorkers = logs.filter(({ role }) => role === 'worker');
  const stopped = new Set(
    ofWorkers.filter(({ event }) => event === 'app.stopped').map(({ name }) => name),
  );
  const vanished = [...new Set(ofWorkers.map(({ name }) => name))]
    .filter((name) => !killed.has(name) && !stopped.has(name))
    .map((name) => ({ name, what: 'ended without app.stopped and without a kill' }));
  const failed = answers
    .filter(({ status }) => status === 500)
    .filter(({ body }) => JSON.stringify(body).includes('problem:internal-error'))
    .map(({ via, offer }) => ({ name: via, what: `answered ${offer} with an internal error` }));
  return [...died, ...vanished, ...failed].map(({ name, what }) => ({
    rule: 'no process fails without a kill',
    subject: name,
    what,
  }));
}
