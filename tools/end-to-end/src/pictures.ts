import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const SIZE = 160;
const FORMATS = ['jpg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const;

/**
 * Draws pictures of coloured shapes, the same ones every time, each in the next of the formats the product
 * takes. @returns their paths
 */
export async function drawPictures(folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const file = join(folder, `picture-${index}.${FORMATS[index % FORMATS.length] ?? 'png'}`);
      await sharp(Buffer.from(scene(index + 1))).toFile(file);
      return file;
    }),
  );
}

function scene(seed: number): string {
  const random = mulberry32(seed);
  const number = (below: number) => Math.floor(random() * below);
  const colour = () => `hsl(${number(360)} ${40 + number(60)}% ${20 + number(60)}%)`;
  const shapes = Array.from({ length: 3 + number(12) }, () => {
    const [x, y, size] = [number(SIZE), number(SIZE), 10 + number(SIZE / 2)];
    const turn = `transform="rotate(${number(360)} ${x} ${y})" fill="${colour()}"`;
    return random() < 0.5
      ? `<ellipse cx="${x}" cy="${y}" rx="${size}" ry="${size / 2}" ${turn}/>`
      : `<rect x="${x}" y="${y}" width="${size}" height="${size * 2}" ${turn}/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}">
    <rect width="100%" height="100%" fill="${colour()}"/>${shapes.join('')}</svg>`;
}

/** A small seeded generator of numbers from 0 to 1 (Tommy Ettinger's, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
