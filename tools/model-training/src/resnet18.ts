import { imagenetClasses } from '@labelfleet/inference/model-tools';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initializer, model, node } from './onnx.ts';

const SIDE = 224;
const STAGES = [
  { channels: 64, stride: 1 },
  { channels: 128, stride: 2 },
  { channels: 256, stride: 2 },
  { channels: 512, stride: 2 },
];

/**
 * Writes a model directory with a ResNet-18 of random weights: the work of a real one without a download.
 * @returns the folder
 */
export async function writeResnet18(folder: string): Promise<string> {
  const labels = (await imagenetClasses()).map(({ label }) => label);
  const file = resnet18(labels.length);
  const manifest = {
    format: 1,
    name: 'resnet18-random',
    version: '1',
    file: 'model.onnx',
    sha256: createHash('sha256').update(file).digest('hex'),
    labels: 'labels.txt',
    input: {
      width: SIDE,
      height: SIDE,
      layout: 'NCHW',
      channels: 'RGB',
      resize: { mode: 'shorter-side', size: 256, kernel: 'linear' },
      crop: 'center',
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
    output: { kind: 'logits' },
  };
  await mkdir(folder);
  await writeFile(join(folder, 'model.onnx'), file);
  await writeFile(join(folder, 'labels.txt'), `${labels.join('\n')}\n`);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

function resnet18(classes: number): Buffer {
  let state = 7;
  /** A number from -1 to 1, by a linear congruential generator. */
  const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0) / 2 ** 31;
  const parts: Buffer[] = [];
  const add = (...described: Parameters<typeof node>): string => {
    parts.push(node(...described));
    return described[2];
  };
  /** Random weights that keep the activations at a moderate size. */
  const weights = (name: string, shape: [number, ...number[]]) => {
    const inputs = shape.slice(1).reduce((a, b) => a * b, 1);
    const largest = Math.sqrt(3 / inputs);
    const values = new Float32Array(shape[0] * inputs);
    for (let i = 0; i < values.length; i++) values[i] = random() * largest;
    parts.push(initializer(`${name}.weights`, shape, values));
    parts.push(initializer(`${name}.bias`, [shape[0]], new Float32Array(shape[0])));
    return [`${name}.weights`, `${name}.bias`];
  };
  const convolution = (
    from: string,
    name: string,
    [inputs, outputs]: [number, number],
    { kernel, stride }: { kernel: number; stride: number },
  ) =>
    add('Conv', [from, ...weights(name, [outputs, inputs, kernel, kernel])], name, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: Array.from({ length: 4 }, () => kernel >> 1),
    });
  const relu = (from: string) => add('Relu', [from], `${from}.relu`);

  const stem = relu(convolution('image', 'stem', [3, 64], { kernel: 7, stride: 2 }));
  const pooling = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
  let from = add('MaxPool', [stem], 'pool', pooling);
  let inputs = 64;
  for (const { channels, stride: first } of STAGES) {
    for (const [index, stride] of [first, 1].entries()) {
      const name = `block.${channels}.${index}`;
      const one = relu(convolution(from, `${name}.1`, [inputs, channels], { kernel: 3, stride }));
      const two = convolution(one, `${name}.2`, [channels, channels], { kernel: 3, stride: 1 });
      const shortcut =
        inputs === channels
          ? from
          : convolution(from, `${name}.shortcut`, [inputs, channels], { kernel: 1, stride });
      from = relu(add('Add', [two, shortcut], name));
      inputs = channels;
    }
  }
  const pooled = add('GlobalAveragePool', [from], 'average');
  const flat = add('Flatten', [pooled], 'flat', { axis: 1 });
  add('Gemm', [flat, ...weights('head', [classes, inputs])], 'logits', { transB: 1 });
  return model(
    parts,
    { name: 'image', shape: [3, SIDE, SIDE] },
    { name: 'logits', shape: [classes] },
  );
}
