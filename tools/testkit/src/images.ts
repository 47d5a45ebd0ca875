import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { seededRandom } from './random.ts';

const SIZE = 160;
const FORMATS = ['jpg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const;

/**
 * Draws images of coloured shapes, the same every time, in turn in each format that the product accepts.
 * @returns their paths
 */
export async function drawImages(folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const file = join(folder, `image-${index}.${FORMATS[index % FORMATS.length] ?? 'png'}`);
      await sharp(Buffer.from(scene(index + 1))).toFile(file);
      return file;
    }),
  );
}

type Draw = (x: number, y: number, size: number) => string;
/** Each image has one kind of shape: with all of them mixed a model gives the same label for all images. */
const KINDS: Draw[] = [
  (x, y, size) => `<circle cx="${x}" cy="${y}" r="${size}"/>`,
  (x, y, size) => `<rect x="${x}" y="${y}" width="${size}" height="${size * 2}"/>`,
  (x, y) => `<rect x="${x}" y="-${SIZE}" width="${2 + (y % 9)}" height="${3 * SIZE}"/>`,
  (x, y, size) => `<path d="M${x} ${y} l${size} ${size * 2} h-${size * 2} z"/>`,
  (x, y, size) =>
    `<circle cx="${x}" cy="${y}" r="${size}" fill-opacity="0" stroke="#fff" stroke-width="6"/>`,
  (x, y, size) => `<ellipse cx="${x}" cy="${y}" rx="${size * 3}" ry="${size / 4}"/>`,
];

function scene(seed: number): string {
  const random = seededRandom(seed);
  const number = (end: number) => random.below(end);
  const colour = () => `hsl(${number(360)} ${number(100)}% ${10 + number(80)}%)`;
  const draw = KINDS[seed % KINDS.length] as Draw;
  const [turn, largest] = [number(360), 6 + number(60)];
  const shapes = Array.from({ length: 1 + number(60) }, () => {
    const shape = draw(number(SIZE), number(SIZE), 4 + number(largest));
    return `<g transform="rotate(${turn} 80 80)" fill="${colour()}">${shape}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}">
    <rect width="100%" height="100%" fill="${colour()}"/>${shapes.join('')}</svg>`;
}
