/**
 * Measures the milliseconds of each step for one image on one thread: `nx run inference:bench`. Uses the images of
 * the arguments, or drawn ones without arguments.
 */
import { readFile } from 'node:fs/promises';

import { decode } from '../decode/decode.ts';
import { embeddedModelDir } from '../model/embedded-model.ts';
import { readModelDir } from '../model/model-dir.ts';
import { OnnxClassifier } from '../classify/onnx-classifier.ts';
import { postprocess } from '../classify/postprocess.ts';
import { preprocess } from '../classify/preprocess.ts';
import { textured } from './images.ts';

const ROUNDS = 20;
const maxPixels = 50_000_000;

const files = process.argv.slice(2);
const images = new Map<string, Buffer[]>(
  files.length > 0
    ? [[`${files.length} files`, await Promise.all(files.map((file) => readFile(file)))]]
    : [
        ['64 x 64 JPEG', [await textured(64, 64).jpeg().toBuffer()]],
        ['500 x 375 JPEG', [await textured(500, 375).jpeg().toBuffer()]],
        ['4000 x 3000 JPEG', [await textured(4000, 3000).jpeg().toBuffer()]],
      ],
);

const model = await readModelDir(embeddedModelDir);
const { input, output } = model.manifest;
await using classifier = await OnnxClassifier.open(model, { maxPixels });

for (const [name, set] of images) {
  const spent = { decode: 0, preprocess: 0, infer: 0, postprocess: 0 };
  let lap = 0;
  const take = (step: keyof typeof spent) => {
    spent[step] -= lap;
    spent[step] += lap = performance.now();
  };
  const once = async (bytes: Buffer) => {
    lap = performance.now();
    const decoded = await decode(bytes, input, maxPixels);
    take('decode');
    if (decoded.kind === 'bad-image') throw new Error(decoded.detail);
    const tensor = preprocess(decoded.raster, input);
    take('preprocess');
    const row = await classifier.run(tensor);
    take('infer');
    postprocess(row, output, model.labels, 5);
    take('postprocess');
  };
  for (const bytes of set) await once(bytes);
  for (const step of Object.keys(spent) as (keyof typeof spent)[]) spent[step] = 0;
  for (let round = 0; round < ROUNDS; round++) for (const bytes of set) await once(bytes);
  const perImage = Object.entries(spent).map(
    ([step, ms]) => `${step} ${(ms / ROUNDS / set.length).toFixed(2)}`,
  );
  process.stdout.write(`${name}: ${perImage.join(', ')} ms\n`);
}
