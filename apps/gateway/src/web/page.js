/** A browser opens six connections to a host; more would only wait unseen. */
const AT_ONCE = 6;
/** After this a request hands its connection to the next picture and is asked for again later. */
const WAIT_SECONDS = 10;

const byId = (id) => document.getElementById(id);
const list = byId('pictures');
const counts = { sent: 0, labelled: 0, failed: 0 };

/** Steps still to do. A step resolves with the picture's next step, or with nothing when it is done. */
const steps = [];
let running = 0;

function work() {
  while (running < AT_ONCE && steps.length > 0) {
    running += 1;
    const step = steps.shift();
    void step().then((next) => {
      running -= 1;
      if (next) steps.push(next);
      work();
    });
  }
}

function add(files) {
  for (const file of files) {
    const card = showPicture(file);
    counts.sent += 1;
    steps.push(() => send(file, card));
  }
  summarise();
  work();
}

const send = (file, card) => {
  const form = new FormData();
  form.append('image', file);
  tell(card, 'waiting', 'Looking …');
  return ask(card, '/v1/classifications', { method: 'POST', body: form });
};

async function ask(card, url, options = {}) {
  try {
    const response = await fetch(url, {
      ...options,
      headers: { accept: 'application/json', prefer: `wait=${WAIT_SECONDS}` },
    });
    const answer = await response.json();
    if (!response.ok) return showProblem(card, answer);
    if (answer.status === 'succeeded') return showLabel(card, answer);
    if (answer.status === 'failed') return showProblem(card, answer.problem);
    tell(card, 'waiting', 'Waiting for a worker …');
    return () => ask(card, answer.links.self);
  } catch {
    return showProblem(card, {
      title: 'There was no answer',
      detail: 'The connection failed. Send the picture again.',
    });
  }
}

function showPicture(file) {
  const card = copyOf('picture');
  const image = card.querySelector('img');
  image.src = URL.createObjectURL(file);
  const release = () => URL.revokeObjectURL(image.src);
  image.addEventListener('load', release);
  image.addEventListener('error', () => {
    // A type that this browser cannot show.
    release();
    image.remove();
  });
  card.querySelector('.file').textContent = file.name;
  tell(card, 'waiting', 'To be sent');
  list.prepend(card);
  return card;
}

function showLabel(card, { label, predictions, timings }) {
  counts.labelled += 1;
  tell(card, 'done', label, `in ${seconds(timings.totalMs)}`);
  card.querySelector('.predictions').replaceChildren(
    ...predictions.map((prediction) => {
      const row = copyOf('prediction');
      row.querySelector('.name').textContent = prediction.label;
      row.querySelector('.name').title = prediction.label;
      row.querySelector('.bar span').style.setProperty('--score', prediction.score);
      row.querySelector('.score').textContent = percent(prediction.score);
      return row;
    }),
  );
  summarise();
}

function showProblem(card, { title, detail }) {
  counts.failed += 1;
  tell(card, 'failed', title, detail);
  summarise();
}

function tell(card, state, label, detail = '') {
  card.className = `picture ${state}`;
  card.setAttribute('aria-busy', String(state === 'waiting'));
  card.querySelector('.label').textContent = label;
  card.querySelector('.detail').textContent = detail;
}

/** Said aloud by screen readers as it changes. */
function summarise() {
  const { sent, labelled, failed } = counts;
  const summary = byId('summary');
  summary.hidden = false;
  summary.textContent =
    `${labelled} of ${sent} ${sent === 1 ? 'picture' : 'pictures'} labelled` +
    (failed > 0 ? `, ${failed} refused or failed` : '');
}

const copyOf = (id) => byId(id).content.firstElementChild.cloneNode(true);
const percent = (score) => `${(score * 100).toFixed(1)} %`;
const seconds = (ms) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;

const drop = byId('drop');
byId('files').addEventListener('change', ({ target }) => {
  add(target.files);
  target.value = '';
});
// Anywhere on the page: a picture dropped beside the box would replace the page.
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) drop.classList.remove('over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  add(event.dataTransfer.files);
});
