import type { Api } from './api.ts';
import { isKeyMissing } from '../state/state.ts';
import type { Store } from '../state/store.ts';
import { countRows } from '../words/counts.ts';

const WHILE_WAITING_MS = 1_500;
const OTHERWISE_MS = 3_000;
const CHECK_EVERY_MS = 300;

/** Reads the fleet snapshot as long as the page is seen, and the model until it is known. */
export function watchFleet(api: Api, store: Store): void {
  let readAt = -Infinity;
  let isReading = false;
  const check = () => {
    const { waiting } = countRows(store.state.rows);
    const every = waiting > 0 ? WHILE_WAITING_MS : OTHERWISE_MS;
    if (document.hidden || isReading || performance.now() < readAt + every) return;
    isReading = true;
    void read(api, store).finally(() => {
      isReading = false;
      readAt = performance.now();
    });
  };
  check();
  setInterval(check, CHECK_EVERY_MS);
}

async function read(api: Api, { state, dispatch }: Store): Promise<void> {
  if (isKeyMissing(state)) return;
  const fleet = await api.fleet();
  if (fleet.kind === 'answer')
    dispatch({ kind: 'fleet-read', fleet: fleet.answer, at: Date.now() });
  if (fleet.kind === 'problem') {
    if (fleet.problem.status === 401) dispatch({ kind: 'key-refused' });
    // No snapshot has been published yet.
    if (fleet.problem.status === 404)
      dispatch({ kind: 'fleet-read', fleet: undefined, at: Date.now() });
  }
  if (state.model !== undefined) return;
  const models = await api.models();
  const [model] = models.kind === 'answer' ? models.answer.models : [];
  if (model !== undefined) dispatch({ kind: 'model-read', model });
}
