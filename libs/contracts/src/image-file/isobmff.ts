import { ascii, uint } from './bytes.ts';

export interface Box {
  type: string;
  /** Where the box begins. */
  start: number;
  /** Offset of the content. */
  at: number;
  /** Beyond the end of the file if the file ends early. */
  end: number;
}

/** The boxes of an ISO base media file (ISO/IEC 14496-12) or of a parent box, up to the first invalid one. */
export function* boxes(bytes: Uint8Array, from = 0, to = bytes.length): Generator<Box> {
  for (let start = from; start + 8 <= to;) {
    const size = uint(bytes, start, 4);
    const type = ascii(bytes, start + 4, 4);
    if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) return;
    const at = start + (size === 1 ? 16 : 8);
    // Size 0 means: up to the end of the file.
    const end = size === 0 ? to : start + (size === 1 ? uint(bytes, start + 8, 8) : size);
    if (!(end >= at)) return;
    yield { type, start, at, end };
    start = end;
  }
}

/** The major brand and the compatible brands; undefined if the file does not begin with a file type box. */
export function brands(bytes: Uint8Array): string[] | undefined {
  const [first] = boxes(bytes);
  if (first?.type !== 'ftyp' || first.at !== 8 || first.end > bytes.length) return undefined;
  const length = first.end - first.at;
  if (length < 8 || length % 4 !== 0) return undefined;
  const names = [ascii(bytes, 8, 4)];
  for (let at = 16; at < first.end; at += 4) names.push(ascii(bytes, at, 4));
  return names;
}

/** The type of the primary item, such as `av01`; undefined if the file does not contain it. */
export function primaryItemType(bytes: Uint8Array, meta: Box): string | undefined {
  const types = itemTypes(bytes, meta);
  const primary = child(bytes, meta, 'pitm');
  if (primary === undefined) return undefined;
  const id = uint(bytes, primary.at + 4, bytes[primary.at] === 0 ? 2 : 4);
  return types.get(id);
}

export function itemTypes(bytes: Uint8Array, meta: Box): Map<number, string> {
  const types = new Map<number, string>();
  const info = child(bytes, meta, 'iinf');
  if (info === undefined) return types;
  const entriesAt = info.at + (bytes[info.at] === 0 ? 6 : 8);
  for (const { type, at } of boxes(bytes, entriesAt, Math.min(info.end, bytes.length))) {
    const version = bytes[at] ?? 0;
    if (type !== 'infe' || version < 2) continue;
    const idSize = version === 2 ? 2 : 4;
    types.set(uint(bytes, at + 4, idSize), ascii(bytes, at + 4 + idSize + 2, 4));
  }
  return types;
}

/** Finds a child of a full box, whose version and flags precede its children. */
function child(bytes: Uint8Array, parent: Box, type: string): Box | undefined {
  const to = Math.min(parent.end, bytes.length);
  for (const box of boxes(bytes, parent.at + 4, to)) if (box.type === type) return box;
  return undefined;
}

/** Whether a box extends beyond the end of the file. */
export function boxEndsEarly(bytes: Uint8Array): boolean {
  for (const { end } of boxes(bytes)) if (end > bytes.length) return true;
  return false;
}
