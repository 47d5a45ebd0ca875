#!/usr/bin/env python3
"""Makes the golden files of this folder: what PyTorch and Pillow make of images drawn here.

    apt-get install python3-torch python3-pil python3-numpy python3-onnx    (Debian)
    /usr/bin/python3 libs/inference/testing/golden/make-golden.py && npx prettier --write libs/inference/testing

images/  the images, drawn by the code below
tensors/   what a network is fed for each case: float32, little-endian, without the batch axis
cases.json a row per case: image, `input` as in a model's manifest, dims, and for the embedded model the
           logits of the recipe's PyTorch network, which takes only its weights from model.onnx
"""
import json, os, shutil, sys

import numpy as np
import onnx, onnx.numpy_helper
import torch
from PIL import Image, ImageDraw, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
EMBEDDED = os.path.join(HERE, '../../models/everyday-100/1')
RECIPE = os.path.join(HERE, '../../../../tools/model-training/recipe')
KERNELS = {'linear': Image.BILINEAR, 'cubic': Image.BICUBIC, 'lanczos3': Image.LANCZOS}


# --- images ---------------------------------------------------------------------------------------

def scene(width, height, seed):
    """A sky, a sun, a house, a fence and some grain: gradients, edges and fine detail."""
    scale = 4
    w, h = width * scale, height * scale
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    sky = np.stack([90 + 120 * y / h, 140 + 60 * x / w, 230 - 150 * y / h], axis=-1)
    image = Image.fromarray(sky.round().astype(np.uint8))
    draw = ImageDraw.Draw(image)
    at = lambda *points: [(px * w, py * h) for px, py in points]
    draw.ellipse(at((0.62, 0.08), (0.86, 0.34)), fill=(250, 215, 60))
    draw.polygon(at((0.15, 0.5), (0.33, 0.25), (0.51, 0.5)), fill=(150, 40, 35))
    draw.rectangle(at((0.19, 0.5), (0.47, 0.85)), fill=(225, 205, 170))
    draw.rectangle(at((0.29, 0.62), (0.37, 0.85)), fill=(60, 45, 40))
    for i in range(14):
        left = 0.5 + i * 0.034
        draw.rectangle(at((left, 0.66), (left + 0.014, 0.9)), fill=(245, 245, 240))
    draw.rectangle(at((0, 0.85), (1, 1)), fill=(60, 130, 50))
    small = np.asarray(image.resize((width, height), Image.BOX)).astype(np.float64)
    grain = np.random.RandomState(seed).normal(0, 3, small.shape)
    return Image.fromarray(np.clip(small + grain, 0, 255).round().astype(np.uint8))


def cutout(width, height):
    """The sun of a scene alone, its edge half transparent, on nothing."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    distance = np.hypot((x - width / 2) / (width / 3), (y - height / 2) / (height / 3))
    alpha = np.clip((1.2 - distance) * 4, 0, 1) * 255
    rgba = np.asarray(scene(width, height, 7).convert('RGBA')).copy()
    rgba[..., 3] = alpha.round()
    return Image.fromarray(rgba)


def grey16(width, height):
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    values = 0.5 + 0.5 * np.sin(x / 9) * np.cos(y / 7)
    return Image.fromarray((values * 65535).round().astype(np.uint16))


def save_images(folder):
    save = lambda image, name, **options: image.save(os.path.join(folder, name), **options)
    save(scene(64, 64, 1), 'square-64.png')
    save(scene(320, 200, 2), 'landscape.png')
    save(scene(151, 227, 3), 'portrait-odd.png')
    save(scene(1200, 900, 4), 'large.jpg', quality=90)
    save(scene(40, 30, 5), 'small.png')
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees clockwise
    save(scene(240, 160, 6), 'orientation-6.jpg', quality=92, exif=exif)
    exif[0x0112] = 5  # mirrored and turned
    save(scene(240, 160, 6), 'orientation-5.jpg', quality=92, exif=exif)
    save(scene(120, 90, 8).convert('L'), 'grey.png')
    save(scene(120, 90, 8).convert('L'), 'grey.jpg', quality=92)
    save(grey16(120, 90), 'grey-16-bit.png')
    save(cutout(120, 90), 'alpha.png')
    save(cutout(120, 90), 'alpha.webp', lossless=True)
    save(cutout(120, 90).convert('LA'), 'grey-alpha.png')
    save(scene(120, 90, 9).quantize(64), 'palette.png')
    frames = [scene(120, 90, seed).quantize(64) for seed in (10, 11)]
    frames[1] = ImageOps.invert(frames[1].convert('RGB')).quantize(64)
    save(frames[0], 'animated.gif', save_all=True, append_images=frames[1:], duration=100)
    save(scene(120, 90, 12), 'deflated.tiff', compression='tiff_deflate')
    save(scene(96, 96, 13).convert('CMYK'), 'cmyk.jpg', quality=95)


# --- what the network is fed --------------------------------------------------------------------------

def decode(path):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode.startswith('I'):
        return Image.fromarray((np.asarray(image) / 257).round().astype(np.uint8)).convert('RGB')
    if image.mode in ('RGBA', 'LA'):
        white = Image.new('RGBA', image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, image.convert('RGBA')).convert('RGB')
    return image.convert('RGB')


def resize_and_crop(image, spec):
    """As torchvision's Resize and CenterCrop do it."""
    resize = spec['resize']
    if resize['mode'] != 'none':
        w, h = image.size
        size = resize['size']
        if resize['mode'] == 'stretch':
            target = (size, size)
        else:
            target = (size, int(size * h / w)) if w <= h else (int(size * w / h), size)
        image = image.resize(target, KERNELS[resize['kernel']])
    if spec['crop'] == 'center':
        w, h = image.size
        left = int(round((w - spec['width']) / 2.0))
        top = int(round((h - spec['height']) / 2.0))
        image = image.crop((left, top, left + spec['width'], top + spec['height']))
    return image


def tensor_of(path, spec):
    pixels = torch.from_numpy(np.array(resize_and_crop(decode(path), spec))).float()
    if spec['channels'] == 'BGR':
        pixels = pixels.flip(-1)
    values = (pixels * spec['scale'] - torch.tensor(spec['mean'])) / torch.tensor(spec['std'])
    return (values.permute(2, 0, 1) if spec['layout'] == 'NCHW' else values).contiguous()


# --- the embedded network, in PyTorch -------------------------------------------------------------------

def embedded_network():
    """The recipe's network, with the weights that the file holds under the names of its parts."""
    sys.path.insert(0, RECIPE)
    from export import Mirrored, for_inference
    from network import Network, Shape

    settings = json.load(open(os.path.join(EMBEDDED, 'settings.json')))
    network = Mirrored(for_inference(Network(Shape(**settings['shape']))))
    graph = onnx.load(os.path.join(EMBEDDED, 'model.onnx')).graph
    weights = {i.name: torch.from_numpy(onnx.numpy_helper.to_array(i).copy()) for i in graph.initializer}
    network.load_state_dict({name: weights[name] for name in network.state_dict()})
    return network


# --- cases ----------------------------------------------------------------------------------------------

IMAGENET = {'scale': 1 / 255, 'mean': [0.485, 0.456, 0.406], 'std': [0.229, 0.224, 0.225]}
EMBEDDED_INPUT = json.load(open(os.path.join(EMBEDDED, 'manifest.json')))['input']
UNCHANGED = {'width': None, 'height': None, 'layout': 'NCHW', 'channels': 'RGB', 'resize': {'mode': 'none'}, 'crop': 'none',
            'scale': 1 / 255, 'mean': [0, 0, 0], 'std': [1, 1, 1]}


def cropped(size, crop, kernel, **rest):
    return {'width': crop, 'height': crop, 'layout': 'NCHW', 'channels': 'RGB',
            'resize': {'mode': 'shorter-side', 'size': size, 'kernel': kernel}, 'crop': 'center', **IMAGENET, **rest}


STRETCHED_BGR = {'width': 48, 'height': 48, 'layout': 'NCHW', 'channels': 'BGR', 'resize': {'mode': 'stretch', 'size': 48, 'kernel': 'linear'},
                 'crop': 'none', 'scale': 1, 'mean': [103.9, 116.8, 123.7], 'std': [1, 1, 1]}

STRETCHED = {'width': 260, 'height': 40, 'layout': 'NCHW', 'channels': 'RGB', 'resize': {'mode': 'stretch', 'size': 260, 'kernel': 'lanczos3'},
             'crop': 'center', **IMAGENET}

CASES = [(f'embedded: {image}', image, EMBEDDED_INPUT) for image in (
    'square-64.png', 'landscape.png', 'portrait-odd.png', 'large.jpg', 'small.png', 'orientation-6.jpg', 'orientation-5.jpg', 'grey.png',
    'grey.jpg', 'grey-16-bit.png', 'alpha.png', 'alpha.webp', 'grey-alpha.png', 'palette.png', 'animated.gif', 'deflated.tiff')] + [
    ('unchanged', 'small.png', UNCHANGED),
    ('linear, odd crop offset', 'portrait-odd.png', cropped(41, 36, 'linear')),
    ('cubic', 'landscape.png', cropped(40, 35, 'cubic')),
    ('upscaled, linear', 'small.png', cropped(90, 50, 'linear')),
    ('upscaled, cubic', 'small.png', cropped(61, 50, 'cubic')),
    ('upscaled in height only', 'landscape.png', STRETCHED),
    ('NHWC', 'landscape.png', cropped(40, 35, 'linear', layout='NHWC', scale=1, mean=[127, 127, 127], std=[128, 128, 128])),
    ('stretched, BGR', 'landscape.png', STRETCHED_BGR),
    ('large, linear', 'large.jpg', cropped(48, 42, 'linear')),
]


def main():
    for folder in ('images', 'tensors'):
        shutil.rmtree(os.path.join(HERE, folder), ignore_errors=True)
        os.mkdir(os.path.join(HERE, folder))
    save_images(os.path.join(HERE, 'images'))
    network = embedded_network()
    rows = []
    for name, image, spec in CASES:
        tensor = tensor_of(os.path.join(HERE, 'images', image), spec)
        file = name.replace(': ', '-').replace(', ', '-').replace(' ', '-').replace('.', '-').lower() + '.f32'
        tensor.numpy().astype('<f4').tofile(os.path.join(HERE, 'tensors', file))
        row = {'name': name, 'image': image, 'input': spec, 'tensor': file, 'dims': list(tensor.shape)}
        if spec is EMBEDDED_INPUT:
            with torch.no_grad():
                row['logits'] = [round(v, 5) for v in network(tensor[None])[0].tolist()]
        rows.append(row)
    with open(os.path.join(HERE, 'cases.json'), 'w') as out:
        out.write('[\n' + ',\n'.join(json.dumps(row) for row in rows) + '\n]\n')


main()
