import { byId, setText } from './dom.ts';

const EVERY_MS = 5_000;

/** Gives a screen reader the newest text, and no more than one in 5 s. */
export function announcer(): (text: string) => void {
  const region = byId('announcer');
  let next = '';
  let timer = 0;
  const say = () => {
    timer = 0;
    if (region.textContent === next) return;
    setText(region, next);
    timer = window.setTimeout(say, EVERY_MS);
  };
  return (text) => {
    next = text;
    if (timer === 0) say();
  };
}
