import sharp from 'sharp';

/** The libvips loaders of the supported formats. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'];

/**
 * Blocks all other loaders of libvips for the whole process: SVG, Ultra HDR (whose files are also JPEG files), and
 * loaders of later versions.
 */
export function blockOtherLoaders(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS.map((name) => `VipsForeignLoad${name}`) });
}
