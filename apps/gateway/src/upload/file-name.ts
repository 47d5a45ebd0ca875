/** The limit of the request message; percent-encoded, the name must fit into S3's 2 KB of metadata. */
const MAX_CHARACTERS = 255;
const MAX_ENCODED_BYTES = 1024;

/**
 * The caller's file name as it is shown again: without folders and control characters. A name that is too long loses
 * its beginning, because the extension is at the end.
 * @returns undefined if nothing is left of it
 */
export function shownFileName(given: string | undefined): string | undefined {
  const base = (given ?? '').toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const characters = [...base.replace(/\p{Cc}/gu, '').trim()];
  while (isTooLong(characters.join(''))) characters.shift();
  return characters.join('') || undefined;
}

const isTooLong = (name: string) =>
  name.length > MAX_CHARACTERS || encodeURIComponent(name).length > MAX_ENCODED_BYTES;
