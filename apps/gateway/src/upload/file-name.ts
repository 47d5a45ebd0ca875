/** As in the request message, and so that its percent-encoded form fits into S3's 2 KB of metadata. */
const MAX_CHARACTERS = 255;
const MAX_ENCODED_BYTES = 1024;

/**
 * The name a caller gave a file, for showing it again: without folders and control characters, and its end
 * kept where it is too long (that is where the extension is).
 * @returns undefined where nothing is left of it
 */
export function shownFileName(given: string | undefined): string | undefined {
  const base = (given ?? '').toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const characters = [...base.replace(/\p{Cc}/gu, '').trim()];
  while (isTooLong(characters.join(''))) characters.shift();
  return characters.join('') || undefined;
}

const isTooLong = (name: string) =>
  name.length > MAX_CHARACTERS || encodeURIComponent(name).length > MAX_ENCODED_BYTES;
