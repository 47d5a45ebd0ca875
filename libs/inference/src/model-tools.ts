/** What tools that fetch, describe and judge models need, and the service does not. */
export { imagenetClasses, parseClassList, type ClassName } from './class-list.ts';
export { decodeManifest, type Manifest, type ModelInput, type ModelOutput } from './manifest.ts';
export { CATALOG_ADDRESS, MODEL_CATALOG, type CatalogEntry } from './model-catalog.ts';
export { readModelDir } from './model-dir.ts';
export { observeOutputKind, readModelShape, type ModelShape } from './observe-model.ts';
export { OnnxClassifier } from './onnx-classifier.ts';
export { PRESETS, presetFor, type Preset } from './presets.ts';
