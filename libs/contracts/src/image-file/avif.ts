import { boxes, brands, itemTypes, primaryItemType, type Box } from './isobmff.ts';

const AVIF_BRANDS = ['avif', 'avis'];
/** Item types that combine other items; the codec is that of the other items. */
const DERIVED = ['grid', 'iden', 'iovl', 'tmap'];

/**
 * A file is AVIF if it has an AVIF brand and its primary item uses AV1. HEIC and other formats share the container
 * and even the major brand (mif1). If the file ends before the primary item is known, the brands decide.
 */
export function isAvif(bytes: Uint8Array): boolean {
  if (brands(bytes)?.some((brand) => AVIF_BRANDS.includes(brand)) !== true) return false;
  const meta = topLevelBox(bytes, 'meta');
  if (meta === undefined) return topLevelBox(bytes, 'moov') !== undefined;
  if (meta.end > bytes.length) return true;
  const primary = primaryItemType(bytes, meta);
  if (primary === undefined) return true;
  const isDerived = DERIVED.includes(primary);
  return primary === 'av01' || (isDerived && [...itemTypes(bytes, meta).values()].includes('av01'));
}

export function topLevelBox(bytes: Uint8Array, type: string): Box | undefined {
  for (const box of boxes(bytes)) if (box.type === type) return box;
  return undefined;
}
