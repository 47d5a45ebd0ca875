import { Html } from './html.ts';

/**
 * Renews what has changed, part by part, and leaves alone what is being used. Without scripts the page stands
 * still and is renewed by hand.
 */
export const REFRESH = new Html(`
const everyMs = 2000;
async function renew() {
  if (!document.hidden) {
    const answer = await fetch(location.href);
    const markup = (await answer.text()).replace(/<style[^]*<.style>/, ''); // there is one already
    const fresh = new DOMParser().parseFromString(markup, 'text/html');
    for (const part of document.querySelectorAll('section[id]')) {
      const newer = fresh.getElementById(part.id);
      const used = part.contains(document.activeElement) || !getSelection().isCollapsed;
      if (newer !== null && !used && newer.innerHTML !== part.innerHTML) part.replaceWith(newer);
    }
  }
}
const again = () => setTimeout(() => renew().catch(console.warn).finally(again), everyMs);
again();
`);
