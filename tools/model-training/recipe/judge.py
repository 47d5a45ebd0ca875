"""What the network says of whole pictures, prepared as the product prepares them."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import nn

from augment import normalise
from dataset import Pictures


def resized(pixels: torch.Tensor, size: int) -> torch.Tensor:
    """uint8 pictures with sides of `size`, by the kernel that the manifest names: the views of training
    are made by it too, and a sharper one costs three points of accuracy."""
    if pixels.shape[-1] == size:
        return pixels
    pictures = [
        np.asarray(Image.fromarray(picture.permute(1, 2, 0).numpy()).resize((size, size), Image.BILINEAR))
        for picture in pixels
    ]
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)


def judge(network: nn.Module, pictures: Pictures, size: int) -> torch.Tensor:
    """Logits, in float32 on the CPU as they will be computed later."""
    logits = []
    with torch.no_grad():
        for start in range(0, len(pictures), 100):
            logits.append(network(normalise(resized(pictures.pixels[start : start + 100], size))))
    return torch.cat(logits)
