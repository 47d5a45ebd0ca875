/** Exports for tools that download, describe and check models. The apps do not need them. */
export { imagenetClasses, parseClassList, type ClassName } from './class-list.ts';
export { inputRange, lacksSpread } from './input-range.ts';
export { parseLabelList } from './labels.ts';
export {
  decodeManifest,
  inputFault,
  type Manifest,
  type ModelInput,
  type ModelOutput,
} from './manifest.ts';
export { CATALOG_ADDRESS, MODEL_CATALOG, type CatalogEntry } from './model-catalog.ts';
export { readModelDir, type ModelDir } from './model-dir.ts';
export { isLfsPointer, LFS_POINTER_FAULT } from './model-file.ts';
export { observeOutputKind, observeRow, readModelShape, type ModelShape } from './observe-model.ts';
export { OnnxClassifier } from './onnx-classifier.ts';
export { postprocess } from './postprocess.ts';
export { PRESETS, presetFor, type Preset } from './presets.ts';
