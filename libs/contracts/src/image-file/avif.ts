import { boxes, brands, itemTypes, primaryItemType, type Box } from './isobmff.ts';

const AVIF_BRANDS = ['avif', 'avis'];
/** An image that is put together from others says nothing about how those are coded. */
const DERIVED = ['grid', 'iden', 'iovl', 'tmap'];

/**
 * AVIF by any of its brands, and by what is in it: HEIC and other images share the container, and even the
 * major brand (mif1). Where the file ends before it tells what its primary image is, the brands decide.
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
