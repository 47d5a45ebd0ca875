/**
 * Adds many scans of a few bytes to a progressive JPEG. A decoder processes all blocks of the image for each scan, so
 * the time grows with the number of scans, not with the file size.
 * @param jpeg a progressive JPEG whose first component is the brightness
 */
export function withEmptyScans(jpeg: Uint8Array, scans: number): Uint8Array<ArrayBuffer> {
  const { blocks, component } = firstComponent(jpeg);
  const scan = [...SCAN_HEADER(component), ...endOfBands(blocks)];
  const end = jpeg.length - 2;
  const bytes = new Uint8Array(jpeg.length + HUFFMAN_TABLE.length + scans * scan.length);
  bytes.set(jpeg.subarray(0, end));
  bytes.set(HUFFMAN_TABLE, end);
  for (let n = 0; n < scans; n++) bytes.set(scan, end + HUFFMAN_TABLE.length + n * scan.length);
  bytes.set(jpeg.subarray(end), bytes.length - 2);
  return bytes;
}

/** DHT: AC table 3, codes of 4 bits for EOB0 to EOB14, which end the bands of 2^n and more blocks. */
const HUFFMAN_TABLE = [
  ...[0xff, 0xc4, 0, 19 + 15, 0x13],
  ...[0, 0, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...Array.from({ length: 15 }, (_, n) => n << 4),
];

/** SOS: one component, AC table 3, coefficients 1 to 63, all bits. */
const SCAN_HEADER = (component: number) => [0xff, 0xda, 0, 8, 1, component, 0x03, 1, 63, 0];

/** SOF2 has precision, height, width, the number of components, and of each its id first. */
function firstComponent(jpeg: Uint8Array): { blocks: number; component: number } {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  let at = 2;
  while (view.getUint16(at) !== 0xffc2) at += 2 + view.getUint16(at + 2);
  const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
  return {
    blocks: Math.ceil(width / 8) * Math.ceil(height / 8),
    component: view.getUint8(at + 10),
  };
}

/** Entropy-coded data of this number of empty blocks. */
function endOfBands(blocks: number): number[] {
  let bits = '';
  for (let left = blocks; left > 0;) {
    const run = Math.min(left, 0x7fff);
    const n = Math.floor(Math.log2(run));
    bits += n.toString(2).padStart(4, '0');
    if (n > 0) bits += (run - 2 ** n).toString(2).padStart(n, '0');
    left -= run;
  }
  const bytes = bits.match(/.{1,8}/g) ?? [];
  // The last byte is padded with ones; a zero after FF distinguishes it from a marker.
  return bytes.flatMap((byte) => {
    const value = parseInt(byte.padEnd(8, '1'), 2);
    return value === 0xff ? [value, 0] : [value];
  });
}
