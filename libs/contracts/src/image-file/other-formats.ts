import { ascii, uint } from './bytes.ts';
import { brands } from './isobmff.ts';
import { isCameraRaw, readTiff } from './tiff.ts';

/** Names the likely format of an unsupported file for the error text; undefined if it is unknown. */
export function nameOther(bytes: Uint8Array): string | undefined {
  return byBrands(bytes) ?? byDirectory(bytes) ?? bySignature(bytes) ?? byText(bytes);
}

const BRANDS: readonly (readonly [RegExp, string])[] = [
  [/^(heic|heix|heim|heis|hevc|hevx|hevm|hevs)$/, 'a HEIC image'],
  [/^crx $/, "a camera's raw image (CR3)"],
  [/^jxl $/, 'a JPEG XL image'],
  [/^(jp2 |jpx |jpm |mjp2)$/, 'a JPEG 2000 image'],
  [/^(mif1|msf1|miaf|avif|avis)$/, 'an image of another codec in the container of HEIC and AVIF'],
  [/^(isom|iso\d|mp4\d|qt {2}|M4V |3gp\d|avc1|dash)$/, 'a video'],
];

function byBrands(bytes: Uint8Array): string | undefined {
  const names = brands(bytes);
  return BRANDS.find(([pattern]) => names?.some((brand) => pattern.test(brand)))?.[1];
}

function byDirectory(bytes: Uint8Array): string | undefined {
  const directory = readTiff(bytes);
  return directory !== undefined && isCameraRaw(bytes, directory)
    ? "a camera's raw image"
    : undefined;
}

/** Patterns of the first bytes, decoded as Latin-1. */
const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^(\xff\x0a|\0\0\0\x0cJXL )/, 'a JPEG XL image'],
  [/^(\xff\x4f\xff\x51|\0\0\0\x0cjP {2})/, 'a JPEG 2000 image'],
  [/^II\xbc/, 'a JPEG XR image'],
  [/^(IIRO|IIRS|MMOR|IIU\0|FUJIFILM|\0MRM|FOVb)/, "a camera's raw image"],
  [/^(II\x2a\0|MM\0\x2a|II\x2b\0|MM\0\x2b)/, 'a TIFF image whose directory is incomplete'],
  [/^\x89PNG\r\n\x1a\n....CgBI/s, "a PNG in Apple's own format (CgBI)"],
  [/^BM.{4}\0{4}/s, 'a BMP image'],
  [/^\0\0[\x01\x02]\0/, 'an icon or a cursor'],
  [/^8BPS/, 'a Photoshop image'],
  [/^\x76\x2f\x31\x01/, 'an OpenEXR image'],
  [/^P[1-7Ff]\s/, 'a Netpbm image'],
  [/^#\?(RADIANCE|RGBE)/, 'a Radiance image'],
  [/^SIMPLE {2}=/, 'a FITS image'],
  [/^qoif/, 'a QOI image'],
  [/^DDS /, 'a DirectDraw image'],
  [/^gimp xcf/, 'a GIMP image'],
  [/^AT&TFORM/, 'a DjVu document'],
  [/^%!PS/, 'a PostScript document'],
  [/^PK\x03\x04/, 'a ZIP archive'],
  [/^\x1f\x8b/, 'a gzip file'],
];

function bySignature(bytes: Uint8Array): string | undefined {
  const head = ascii(bytes, 0, 32);
  return SIGNATURES.find(([pattern]) => pattern.test(head))?.[1];
}

/** A byte order mark and comments may precede the text that shows its format. */
function byText(bytes: Uint8Array): string | undefined {
  const head = ascii(bytes, 0, 4096);
  if (head.slice(0, 1024).includes('%PDF-')) return 'a PDF document';
  if (/<svg[\s>:]/.test(head)) return 'an SVG drawing';
  if (/^(\xef\xbb\xbf)?\s*</.test(head)) return 'an HTML or XML document';
  // UTF-16.
  return [0xfeff, 0xfffe].includes(uint(bytes, 0, 2)) ? 'text' : undefined;
}
