import type { ModelInput } from './manifest.ts';
import { presetFor } from './presets.ts';

/** A well-known model that the CLI can download. All have the 1,000 classes of ImageNet-1k. */
export interface CatalogEntry {
  name: string;
  /** The number in the file name: the version of the ONNX operator set. */
  version: string;
  /** Relative to CATALOG_ADDRESS. */
  path: string;
  bytes: number;
  sha256: string;
  /** Published accuracy on ImageNet's validation images, in percent; null if not published. */
  top1: number;
  top5: number | null;
  licence: string;
  input: ModelInput;
}

/** The ONNX Model Zoo. Its models are in Git LFS, where the id of a file is its SHA-256. */
export const CATALOG_ADDRESS =
  'https://github.com/onnx/models/raw/main/validated/vision/classification/';

const square = { width: 224, height: 224, channels: 'RGB', crop: 'center' } as const;
const imagenet: ModelInput = { ...square, layout: 'NCHW', ...presetFor('imagenet', 224) };
const efficientnet: ModelInput = {
  ...square,
  layout: 'NHWC',
  ...presetFor('efficientnet-lite', 224),
};

export const MODEL_CATALOG: readonly CatalogEntry[] = [
  {
    name: 'resnet18-v1',
    version: '7',
    path: 'resnet/model/resnet18-v1-7.onnx',
    bytes: 46_820_737,
    sha256: '4e8f8653e7a2222b3904cc3fe8e304cd8b339ce1d05fd24688162f86fb6df52c',
    top1: 69.93,
    top5: 89.29,
    licence: 'Apache-2.0',
    input: imagenet,
  },
  {
    name: 'resnet50-v1',
    version: '12',
    path: 'resnet/model/resnet50-v1-12.onnx',
    bytes: 102_576_593,
    sha256: '3f03fdef724b22947eed826f1eef1dc5c34151bb4c37d634f1db89dfa2dd1526',
    top1: 74.97,
    top5: 92.33,
    licence: 'Apache-2.0',
    input: imagenet,
  },
  {
    name: 'resnet50-v1-int8',
    version: '12',
    path: 'resnet/model/resnet50-v1-12-int8.onnx',
    bytes: 25_816_052,
    sha256: 'c234f30975989788b4405f25253275aae247ab6dbdd34aaa69ab0a59ff76f6d0',
    top1: 74.77,
    top5: 92.32,
    licence: 'Apache-2.0',
    input: imagenet,
  },
  {
    name: 'mobilenet-v2',
    version: '12',
    path: 'mobilenet/model/mobilenetv2-12.onnx',
    bytes: 13_964_571,
    sha256: 'c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5',
    top1: 69.48,
    top5: 89.26,
    licence: 'Apache-2.0',
    input: imagenet,
  },
  {
    name: 'mobilenet-v2-int8',
    version: '12',
    path: 'mobilenet/model/mobilenetv2-12-int8.onnx',
    bytes: 3_655_033,
    sha256: 'cc028fe6cae7bc11a4ff53cfc9b79c920e8be65ce33a904ec3e2a8f66d77f95f',
    top1: 68.3,
    top5: 88.44,
    licence: 'Apache-2.0',
    input: imagenet,
  },
  {
    name: 'squeezenet1.1',
    version: '7',
    path: 'squeezenet/model/squeezenet1.1-7.onnx',
    bytes: 4_956_208,
    sha256: '1eeff551a67ae8d565ca33b572fc4b66e3ef357b0eb2863bb9ff47a918cc4088',
    top1: 56.34,
    top5: 79.12,
    licence: 'Apache-2.0',
    input: imagenet,
  },
  {
    name: 'shufflenet-v2',
    version: '12',
    path: 'shufflenet/model/shufflenet-v2-12.onnx',
    bytes: 9_218_556,
    sha256: 'ea69821b4dd374ae2f33f9710dd1229ac263d0ee5b5a46ca3521f6483e1ba035',
    top1: 66.35,
    top5: 86.57,
    licence: 'Apache-2.0',
    input: imagenet,
  },
  {
    name: 'efficientnet-lite4',
    version: '11',
    path: 'efficientnet-lite4/model/efficientnet-lite4-11.onnx',
    bytes: 51_946_641,
    sha256: 'd111689907c06eea7c82e4833ddef758da6453b9d4cf60b7e99ca05c7cbd9c12',
    top1: 77.7,
    top5: null,
    licence: 'Apache-2.0',
    input: efficientnet,
  },
  {
    name: 'efficientnet-lite4-int8',
    version: '11',
    path: 'efficientnet-lite4/model/efficientnet-lite4-11-int8.onnx',
    bytes: 13_585_963,
    sha256: '2b3cbb5077262b20df565dacddecb3724c0976c35029a87e512d13aa4eff04a2',
    top1: 77.56,
    top5: null,
    licence: 'Apache-2.0',
    input: efficientnet,
  },
];
