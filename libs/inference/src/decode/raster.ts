/** Decoded pixels: 8-bit RGB, row by row. */
export interface Raster {
  data: Uint8Array;
  width: number;
  height: number;
}
