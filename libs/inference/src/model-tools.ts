/** Exports for tools that download, describe and check models. The apps do not need them. */
export { imagenetClasses, parseClassList, type ClassName } from './model/class-list.ts';
export { inputRange, lacksSpread } from './model/input-range.ts';
export { parseLabelList } from './model/labels.ts';
export {
  decodeManifest,
  inputFault,
  type Manifest,
  type ModelInput,
  type ModelOutput,
} from './model/manifest.ts';
export { CATALOG_ADDRESS, MODEL_CATALOG, type CatalogEntry } from './model/model-catalog.ts';
export { readModelDir, type ModelDir } from './model/model-dir.ts';
export { isLfsPointer, LFS_POINTER_FAULT } from './model/model-file.ts';
export {
  observeOutputKind,
  observeRow,
  readModelShape,
  type ModelShape,
} from './classify/observe-model.ts';
export { OnnxClassifier } from './classify/onnx-classifier.ts';
export { postprocess } from './classify/postprocess.ts';
export { PRESETS, presetFor, type Preset } from './model/presets.ts';
