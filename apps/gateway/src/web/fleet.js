const POLL_EVERY_MS = 3000;
const STATES = ['busy', 'idle', 'booting', 'draining', 'suspected'];

const line = document.getElementById('fleet');

/** Shows the last fleet snapshot. Does not poll while the page is hidden. */
async function poll() {
  const fleet = document.hidden ? undefined : await readFleet();
  if (fleet) line.textContent = fleetText(fleet);
  line.hidden = line.textContent === '';
  setTimeout(poll, POLL_EVERY_MS);
}

/** @returns undefined if no fleet snapshot exists or the gateway cannot be reached */
async function readFleet() {
  try {
    const response = await fetch('/v1/fleet', { headers: { accept: 'application/json' } });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

function fleetText({ workers, queue, cost, stale, at, failedBoots }) {
  const counts = STATES.filter((state) => workers[state] > 0).map(
    (state) => `${workers[state]} ${state}`,
  );
  return [
    stale
      ? `The scaler has published nothing since ${new Date(at).toLocaleTimeString()}. Last known state`
      : '',
    `Workers: ${counts.join(', ') || 'none'}`,
    failedBoots ? failedBootsText(failedBoots) : '',
    queue.backlog > 0 ? `${queue.backlog} waiting` : '',
    cost.perImage ? `${dollars(1000 * cost.perImage)} per 1,000 images in the last hour` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function failedBootsText({ count, cause, nextLaunchAt }) {
  const next = nextLaunchAt ? `, next try at ${new Date(nextLaunchAt).toLocaleTimeString()}` : '';
  return `${count === 1 ? 'A worker' : `${count} workers in a row`} failed to start (${cause})${next}`;
}

/** Two significant digits: $0.023, $1.5, $120. */
const dollars = (usd) => `$${Number(usd.toPrecision(2))}`;

void poll();
