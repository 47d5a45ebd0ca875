export { topLevelBox } from './avif.ts';
export { ascii, uint } from './bytes.ts';
export { readGif, type Gif } from './gif.ts';
export { identifyImage, type Identified, type ImageFormat } from './identify.ts';
export { boxEndsEarly } from './isobmff.ts';
export { isFrameHeader, jpegSegments } from './jpeg.ts';
export { pngChunks } from './png.ts';
export { numbers, readTiff, TAG, type TiffDirectory } from './tiff.ts';
export { webpChunks } from './webp.ts';
