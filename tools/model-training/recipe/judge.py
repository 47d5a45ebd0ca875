"""Classifies whole images, prepared as the product prepares them."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import nn

from augment import normalise
from dataset import Images


def resized(pixels: torch.Tensor, size: int) -> torch.Tensor:
    """Resizes uint8 images to `size` by `size` with the kernel that the manifest names. The views of training use it
    too; a sharper kernel costs three points of accuracy."""
    if pixels.shape[-1] == size:
        return pixels
    images = [
        np.asarray(Image.fromarray(image.permute(1, 2, 0).numpy()).resize((size, size), Image.BILINEAR))
        for image in pixels
    ]
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)


def judge(network: nn.Module, images: Images, size: int) -> torch.Tensor:
    """Returns the logits, computed in float32 on the CPU as the product does."""
    logits = []
    with torch.no_grad():
        for start in range(0, len(images), 100):
            logits.append(network(normalise(resized(images.pixels[start : start + 100], size))))
    return torch.cat(logits)
