#!/usr/bin/env python3
"""Makes the small models of this folder, which tests use.

    apt-get install python3-onnx    (Debian)
    /usr/bin/python3 libs/inference/testing/models/make-models.py && npx prettier --write libs/inference/testing

any-size/   takes images of any size as they are, NHWC, BGR, and gives probabilities
old-format/ as models of ONNX's first years are: its weights are listed among its inputs, and it takes one image per run
slow/       computes for as long as the image is bright: the brighter the longer: a loop of matrix products in native code
"""
import hashlib, json, os

import onnx
from onnx import TensorProto, helper

HERE = os.path.dirname(os.path.abspath(__file__))


def finish(name, labels, input_spec, output_spec):
    folder = os.path.join(HERE, name)
    onnx.checker.check_model(onnx.load(f'{folder}/model.onnx'))
    sha256 = hashlib.sha256(open(f'{folder}/model.onnx', 'rb').read()).hexdigest()
    manifest = {'format': 1, 'name': name, 'version': '1', 'file': 'model.onnx', 'sha256': sha256, 'labels': 'labels.txt',
                'input': input_spec, 'output': output_spec}
    open(f'{folder}/labels.txt', 'w').write('\n'.join(labels) + '\n')
    open(f'{folder}/manifest.json', 'w').write(json.dumps(manifest, indent=2) + '\n')


def save(name, graph, opset=13, ir_version=7):
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', opset)])
    model.ir_version = ir_version
    os.makedirs(f'{HERE}/{name}', exist_ok=True)
    onnx.save(model, f'{HERE}/{name}/model.onnx')


def any_size():
    """Which channel is strongest: blue, green or red. Of that, probabilities."""
    nodes = [helper.make_node('ReduceMean', ['picture'], ['means'], axes=[1, 2], keepdims=0), helper.make_node('Mul', ['means', 'twenty'], ['strengths']),
             helper.make_node('Softmax', ['strengths'], ['probabilities'], axis=1)]
    save('any-size', helper.make_graph(
        nodes, 'any-size', [helper.make_tensor_value_info('picture', TensorProto.FLOAT, ['batch', 'height', 'width', 3])],
        [helper.make_tensor_value_info('probabilities', TensorProto.FLOAT, ['batch', 3])],
        [helper.make_tensor('twenty', TensorProto.FLOAT, [], [20.0])]))
    finish('any-size', ['blue', 'green', 'red'],
           {'width': None, 'height': None, 'layout': 'NHWC', 'channels': 'BGR', 'resize': {'mode': 'none'}, 'crop': 'none',
            'scale': 1 / 255, 'mean': [0, 0, 0], 'std': [1, 1, 1]}, {'kind': 'probabilities'})


def old_format():
    """How bright an image is, as a logit of each of three greys."""
    nodes = [helper.make_node('ReduceMean', ['data'], ['means'], axes=[1, 2, 3], keepdims=1), helper.make_node('Flatten', ['means'], ['mean'], axis=1),
             helper.make_node('Gemm', ['mean', 'weight', 'bias'], ['scores'])]
    tensors = {'weight': ([1, 3], [-4.0, 0.0, 4.0]), 'bias': ([3], [1.0, 1.5, -3.0])}
    inputs = [helper.make_tensor_value_info('data', TensorProto.FLOAT, [1, 3, 8, 8])]
    save('old-format', helper.make_graph(
        nodes, 'old-format', inputs + [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, (dims, _) in tensors.items()],
        [helper.make_tensor_value_info('scores', TensorProto.FLOAT, [1, 3])],
        [helper.make_tensor(name, TensorProto.FLOAT, dims, values) for name, (dims, values) in tensors.items()]), opset=7, ir_version=3)
    finish('old-format', ['black', 'grey', 'white'],
           {'width': 8, 'height': 8, 'layout': 'NCHW', 'channels': 'RGB', 'resize': {'mode': 'stretch', 'size': 8, 'kernel': 'linear'},
            'crop': 'none', 'scale': 1 / 255, 'mean': [0, 0, 0], 'std': [1, 1, 1]}, {'kind': 'logits'})


def slow():
    """One product of two 512 x 512 matrices (1 to 10 ms on a core) for each step of the mean pixel value, 40 products a step."""
    side, products_a_step = 512, 40
    tensor = lambda name, dims, values, kind=TensorProto.FLOAT: helper.make_tensor(name, kind, dims, values)
    matrix = lambda name, value: helper.make_node('ConstantOfShape', ['shape'], [name], value=tensor('value', [1], [value]))
    body = helper.make_graph(
        [helper.make_node('Identity', ['go'], ['go_on']), helper.make_node('MatMul', ['x', 'average'], ['x_next'])], 'body',
        [helper.make_tensor_value_info('i', TensorProto.INT64, []), helper.make_tensor_value_info('go', TensorProto.BOOL, []),
         helper.make_tensor_value_info('x', TensorProto.FLOAT, [side, side])],
        [helper.make_tensor_value_info('go_on', TensorProto.BOOL, []), helper.make_tensor_value_info('x_next', TensorProto.FLOAT, [side, side])])
    nodes = [
        # Every product averages rows of ones: the numbers stay 1, whatever the count.
        matrix('ones', 1.0), matrix('average', 1.0 / side),
        helper.make_node('ReduceMean', ['picture'], ['brightness'], keepdims=0),
        helper.make_node('Mul', ['brightness', 'products_a_step'], ['products']),
        helper.make_node('Cast', ['products'], ['count'], to=TensorProto.INT64),
        helper.make_node('Loop', ['count', 'yes', 'ones'], ['last'], body=body),
        helper.make_node('ReduceMean', ['last'], ['one'], keepdims=0),
        helper.make_node('Mul', ['one', 'constants'], ['logits']),
    ]
    graph = helper.make_graph(
        nodes, 'slow', [helper.make_tensor_value_info('picture', TensorProto.FLOAT, ['batch', 3, 8, 8])],
        [helper.make_tensor_value_info('logits', TensorProto.FLOAT, [1, 2])],
        [tensor('shape', [2], [side, side], TensorProto.INT64), tensor('products_a_step', [], [float(products_a_step)]),
         tensor('yes', [], [True], TensorProto.BOOL), tensor('constants', [1, 2], [2.0, 1.0])])
    save('slow', graph)
    finish('slow', ['done', 'not done'],
           {'width': 8, 'height': 8, 'layout': 'NCHW', 'channels': 'RGB', 'resize': {'mode': 'stretch', 'size': 8, 'kernel': 'linear'},
            'crop': 'none', 'scale': 1, 'mean': [0, 0, 0], 'std': [1, 1, 1]}, {'kind': 'logits'})


any_size()
old_format()
slow()
