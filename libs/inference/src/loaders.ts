import sharp from 'sharp';

/** The formats that are taken, as libvips names what loads them. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'];

/**
 * Blocks every other loader of libvips, for the whole process: SVG, Ultra HDR (whose file is also a JPEG)
 * and whatever a later version brings.
 */
export function blockOtherLoaders(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS.map((name) => `VipsForeignLoad${name}`) });
}
