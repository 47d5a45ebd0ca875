import { Html } from './html.ts';

/**
 * Updates the changed parts of the page, except a part that the user is using. Without scripts, the user has to reload
 * the page.
 */
export const REFRESH = new Html(`
const everyMs = 2000;
async function renew() {
  if (!document.hidden) {
    const answer = await fetch(location.href);
    const markup = (await answer.text()).replace(/<style[^]*<.style>/, ''); // the page has one already
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
