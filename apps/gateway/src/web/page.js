/** A browser opens six connections to a host; further requests would wait inside the browser. */
const AT_ONCE = 6;
/** After this wait a request gives its connection to the next image and is read again later. */
const WAIT_SECONDS = 10;

const byId = (id) => document.getElementById(id);
const list = byId('images');
const counts = { sent: 0, classified: 0, failed: 0 };

/** The queued steps. A step resolves with the next step of its image, or with undefined when it is done. */
const steps = [];
let running = 0;

function runSteps() {
  while (running < AT_ONCE && steps.length > 0) {
    running += 1;
    const step = steps.shift();
    void step().then((next) => {
      running -= 1;
      if (next) steps.push(next);
      runSteps();
    });
  }
}

function add(files) {
  for (const file of files) {
    const card = showImage(file);
    counts.sent += 1;
    steps.push(() => send(file, card));
  }
  summarise();
  runSteps();
}

const send = (file, card) => {
  const form = new FormData();
  form.append('image', file);
  setState(card, 'waiting', 'Classifying …');
  return request(card, '/v1/classifications', { method: 'POST', body: form });
};

async function request(card, url, options = {}) {
  try {
    const response = await fetch(url, {
      ...options,
      headers: { accept: 'application/json', prefer: `wait=${WAIT_SECONDS}` },
    });
    const body = await response.json();
    if (!response.ok) return showProblem(card, body);
    if (body.status === 'succeeded') return showLabel(card, body);
    if (body.status === 'failed') return showProblem(card, body.problem);
    setState(card, 'waiting', 'Waiting for a worker …');
    return () => request(card, body.links.self);
  } catch {
    return showProblem(card, {
      title: 'No response',
      detail: 'The connection to the gateway failed. Send the image again.',
    });
  }
}

function showImage(file) {
  const card = copyOf('image');
  const image = card.querySelector('img');
  image.src = URL.createObjectURL(file);
  const release = () => URL.revokeObjectURL(image.src);
  image.addEventListener('load', release);
  image.addEventListener('error', () => {
    // This browser cannot show images of this type.
    release();
    image.remove();
  });
  card.querySelector('.file').textContent = file.name;
  setState(card, 'waiting', 'Queued');
  list.prepend(card);
  return card;
}

function showLabel(card, { label, predictions, timings }) {
  counts.classified += 1;
  setState(card, 'done', label, `in ${seconds(timings.totalMs)}`);
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
  setState(card, 'failed', title, detail);
  summarise();
}

function setState(card, state, label, detail = '') {
  card.className = `image ${state}`;
  card.setAttribute('aria-busy', String(state === 'waiting'));
  card.querySelector('.label').textContent = label;
  card.querySelector('.detail').textContent = detail;
}

/** Screen readers announce this text when it changes. */
function summarise() {
  const { sent, classified, failed } = counts;
  const summary = byId('summary');
  summary.hidden = false;
  summary.textContent =
    `${classified} of ${sent} ${sent === 1 ? 'image' : 'images'} classified` +
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
// Listens on the whole page, because an image dropped outside the box would replace the page.
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
