/** The entry point of a classifier process: one model, one image at a time. */
import { OnnxClassifier } from '../classify/onnx-classifier.ts';
import { serveParent } from './serve-parent.ts';

serveParent(({ model, maxPixels }) => OnnxClassifier.open(model, { maxPixels }));
