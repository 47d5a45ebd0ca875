import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const workspace = fileURLToPath(new URL('../../..', import.meta.url));

/** Every page a reader is pointed to, from the workspace. */
export const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: workspace }).sort();

export const read = (path: string): string => readFileSync(`${workspace}/${path}`, 'utf8');

/** The fenced blocks of one language in a page. */
export function blocks(page: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms');
  return [...read(page).matchAll(fence)].map(([, text]) => text ?? '');
}

/** What stands in backquotes in the first column of a page's tables. */
export function firstColumn(page: string): string[] {
  return [...read(page).matchAll(/^\| ((?:`[^`]+`(?:, )?)+) +\|/gm)].flatMap(([, cell]) =>
    [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  );
}
