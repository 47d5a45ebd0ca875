/** The entry point of a classifier process: one model, one image at a time. */
import { OnnxClassifier } from '../classify/onnx-classifier.ts';
import { serveParent } from './serve-parent.ts';

await serveParent(({ model, maxPixels }) => OnnxClassifier.open(model, { maxPixels }));
