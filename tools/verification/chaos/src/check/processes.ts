import type { Broken } from './check.ts';
import type { Evidence } from './evidence.ts';

/** A process may end only because it was killed or stopped. */
export function findBroken({ ended, logs, kills, answers }: Evidence): Broken[] {
  const died = ended
    .filter(({ asked, code, tooEarly }) => !tooEarly && !(asked && code === 0))
    .map(({ name, code, signal }): Broken => [name, `ended with ${code ?? signal}`]);
  const ofWorkers = logs.filter(({ role }) => role === 'worker');
  const stopped = ofWorkers.filter(({ event }) => event === 'app.stopped');
  const explained = new Set([...kills, ...stopped].map(({ name }) => name));
  const vanished = [...new Set(ofWorkers.map(({ name }) => name))]
    .filter((name) => !explained.has(name))
    .map((name): Broken => [name, 'ended without app.stopped and without a kill']);
  const failed = answers
    .filter(({ status }) => status === 500)
    .filter(({ body }) => JSON.stringify(body).includes('problem:internal-error'))
    .map(({ via, offer }): Broken => [via, `answered ${offer} with an internal error`]);
  return [...died, ...vanished, ...failed];
}
