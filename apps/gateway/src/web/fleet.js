const LOOK_EVERY_MS = 3000;
const STATES = ['busy', 'idle', 'booting', 'draining', 'suspected'];

const line = document.getElementById('fleet');

/** Shows what the scaler last published, for as long as somebody looks at the page. */
async function look() {
  const fleet = document.hidden ? undefined : await readFleet();
  if (fleet) line.textContent = tell(fleet);
  line.hidden = line.textContent === '';
  setTimeout(look, LOOK_EVERY_MS);
}

/** Nothing while no scaler has published, and while the gateway cannot be reached. */
async function readFleet() {
  try {
    const response = await fetch('/v1/fleet', { headers: { accept: 'application/json' } });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

function tell({ workers, queue, cost, stale, at, failedBoots }) {
  const counts = STATES.filter((state) => workers[state] > 0).map(
    (state) => `${workers[state]} ${state}`,
  );
  return [
    stale ? `The scaler has not reported since ${new Date(at).toLocaleTimeString()}. Then` : '',
    `Workers: ${counts.join(', ') || 'none'}`,
    failedBoots ? tellFailedBoots(failedBoots) : '',
    queue.waiting > 0 ? `${queue.waiting} waiting` : '',
    cost?.perImage ? `${dollars(1000 * cost.perImage)} per 1,000 pictures in the last hour` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function tellFailedBoots({ count, cause, nextLaunchAt }) {
  const next = nextLaunchAt ? `, next try at ${new Date(nextLaunchAt).toLocaleTimeString()}` : '';
  return `${count === 1 ? 'A worker' : `${count} workers in a row`} failed to start (${cause})${next}`;
}

/** Two digits that count: $0.023, $1.5, $120. */
const dollars = (usd) => `$${Number(usd.toPrecision(2))}`;

void look();
