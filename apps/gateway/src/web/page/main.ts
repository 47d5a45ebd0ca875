import { wireActions } from './choose/actions.ts';
import { announcer } from './show/announce.ts';
import { Api } from './network/api.ts';
import { JobActions } from './jobs/job-actions.ts';
import { wireJobForm } from './jobs/job-form.ts';
import { JobWatch } from './jobs/job-watch.ts';
import { jobsPanel } from './jobs/show-jobs.ts';
import { wireChoice } from './choose/chosen-files.ts';
import { byId, setText } from './show/dom.ts';
import { Engine } from './network/engine.ts';
import { refusedBeforeUpload } from './state/failure.ts';
import { Files } from './keep/files.ts';
import { keepNothing, openKeep } from './keep/keep.ts';
import { addressOfBatches, batchesOfAddress, chooseList, forgotten } from './keep/lists.ts';
import { randomKey } from '@labelfleet/client';
import { fleetPanel } from './show/show-fleet.ts';
import { pageView } from './show/show-page.ts';
import type { NewRow, State } from './state/state.ts';
import { Store } from './state/store.ts';
import { makeThumbnail } from './keep/thumbnail.ts';
import { watchFleet } from './network/watch-fleet.ts';
import { announcement } from './words/counts.ts';

const KEY_IN_SESSION = 'labelfleet.key';
const DRAW_AFTER_MS = 40;
const DRAW_EVERY_MS = 1_000;

const store = new Store();
const { dispatch } = store;
const notice = (text: string) => dispatch({ kind: 'noticed', notice: text });

// Files may be dropped before the rest is ready.
const ready = Promise.withResolvers<(files: readonly File[]) => void>();
const addWhenReady = (chosen: readonly File[]) => ready.promise.then((add) => add(chosen));
setText(byId('drop-title'), 'Drop, paste or choose images');
wireChoice({
  onFiles: (chosen) => void addWhenReady(chosen),
  onLink: () => notice('That was a link, not a file. Save the image first, then drop the file.'),
  onFailure: () => notice('This browser cannot read what was dropped. Choose the files instead.'),
});

const api = new Api();
const storedKey = sessionStorage.getItem(KEY_IN_SESSION);
if (storedKey !== null) {
  api.apiKey = storedKey;
  dispatch({ kind: 'key-entered' });
}

const keep = await openKeep().catch(() => keepNothing);
const records = await keep.all();
const now = Date.now();
await keep.remove(forgotten(records, now));
const linked = batchesOfAddress(location.hash);
const list = await chooseList(records, linked);
const files = new Files(keep, list, () =>
  notice('This browser cannot keep the images: a reload would lose those that are not sent.'),
);
const own = records
  .filter((record) => record.list === list)
  .sort((a, b) => a.at - b.at || a.order - b.order);
for (const record of own) files.restore(record);
dispatch({
  kind: 'restored',
  rows: own.map(({ file, thumbnail, ...record }) => ({
    ...record,
    hasFile: file !== undefined,
    ...(thumbnail !== undefined && { thumbnail: URL.createObjectURL(thumbnail) }),
  })),
  batchIds: linked,
});

const jobWatch = new JobWatch(api, store);
const jobActions = new JobActions(api, store, jobWatch);
wireJobForm(jobActions, () => jobWatch.showOlder());
const showJobs = jobsPanel(jobActions);
const showFleet = fleetPanel();
const showPage = pageView((filter) => dispatch({ kind: 'filtered', filter }));
const announce = announcer();
function draw(): void {
  const at = Date.now();
  showFleet(store.state, at);
  showPage(store.state, at);
  showJobs(store.state, at);
  announce(announcement(store.state));
}
let drawing = 0;
store.listen((state, before) => {
  files.follow(state, before);
  showAddress(state, before);
  // Many changes make one drawing. An animation frame would not come while the tab is hidden.
  drawing ||= window.setTimeout(() => {
    drawing = 0;
    draw();
  }, DRAW_AFTER_MS);
});
setInterval(draw, DRAW_EVERY_MS);
draw();

function showAddress({ batches }: State, before: State): void {
  const ids = Object.keys(batches);
  if (batches !== before.batches && ids.join() !== Object.keys(before.batches).join())
    history.replaceState(null, '', addressOfBatches(ids));
}
// Another link in the same tab is another list.
addEventListener('hashchange', () => location.reload());

const maxBytes = Number(byId('drop').dataset['maxBytes']);
function add(chosen: readonly File[]): void {
  const rows = chosen.map((file): NewRow => {
    const failure = refusedBeforeUpload(file, maxBytes);
    const id = randomKey();
    files.add(id, file);
    return { id, key: randomKey(), name: file.name, size: file.size, ...(failure && { failure }) };
  });
  dispatch({ kind: 'added', rows });
  void showThumbnails(rows);
}
ready.resolve(add);
addEventListener('beforeunload', (event) => {
  if (files.isWriting) event.preventDefault();
});

/** One after the other, because a decoded photo is large. */
async function showThumbnails(rows: readonly NewRow[]): Promise<void> {
  for (const { id } of rows) {
    const file = files.get(id);
    const thumbnail = file && (await makeThumbnail(file));
    if (thumbnail === undefined) continue;
    files.addThumbnail(id, thumbnail);
    dispatch({ kind: 'thumbnail-made', id, url: URL.createObjectURL(thumbnail) });
  }
}

for (const button of document.querySelectorAll<HTMLElement>('[data-sample]')) {
  const name = button.dataset['sample'] ?? '';
  button.addEventListener('click', () => {
    void fetch(`samples/${name}`).then(
      async (response) => add([new File([await response.blob()], name, { type: 'image/jpeg' })]),
      () => notice('The sample could not be read. Try again.'),
    );
  });
}
byId('key').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = byId<HTMLInputElement>('key-field');
  api.apiKey = field.value.trim();
  sessionStorage.setItem(KEY_IN_SESSION, api.apiKey);
  field.value = '';
  dispatch({ kind: 'key-entered' });
  hurry();
});
wireActions(store);

const engine = new Engine({ api, store, files });
engine.start();
function hurry(): void {
  engine.hurry();
  jobWatch.hurry();
}
addEventListener('online', () => {
  // An event stream may have survived, so that no call says it.
  if (store.state.trouble === 'offline') dispatch({ kind: 'reached' });
  hurry();
});
addEventListener('offline', () => dispatch({ kind: 'troubled', trouble: 'offline' }));
watchFleet(api, store);
