/** Draws examples/*.jpg from examples/drawings/*.svg. */
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import sharp from 'sharp';

const examples = join(import.meta.dirname, '../../../examples');
for (const drawing of await readdir(join(examples, 'drawings'))) {
  await sharp(join(examples, 'drawings', drawing))
    .jpeg({ quality: 90 })
    .toFile(join(examples, `${parse(drawing).name}.jpg`));
}
