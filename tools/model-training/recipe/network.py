"""Defines the residual network. Its dense 3x3 convolutions have multiples of 32 channels, which matrix units for
bfloat16 run best and a CPU without them runs well in float32."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Shape:
    """The structure of the network, with one entry per stage. Every stage after the first halves the image."""

    widths: tuple[int, ...] = (64, 128, 256, 384)
    blocks: tuple[int, ...] = (1, 2, 2, 1)
    squeeze: tuple[bool, ...] = (False, False, True, True)
    classes: int = 100
    dropout: float = 0.0


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class SqueezeExcite(nn.Module):
    """Weights the channels by the content of the whole image."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // 8)
        self.excite = nn.Linear(channels // 8, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean((2, 3))))))
        return x * weights[:, :, None, None]


class Block(nn.Module):
    """Two 3x3 convolutions with a shortcut. A new block is the identity, because its last scale is zero, so the
    learning rate can start high."""

    def __init__(self, inputs: int, outputs: int, stride: int, squeeze: bool) -> None:
        super().__init__()
        self.first = convolution(inputs, outputs, 3, stride)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = convolution(outputs, outputs, 3)
        self.second_norm = nn.BatchNorm2d(outputs)
        nn.init.zeros_(self.second_norm.weight)
        self.attention = SqueezeExcite(outputs) if squeeze else nn.Identity()
        shortcut: list[nn.Module] = []
        if stride > 1:
            # A padded window of 3 results in the same size as the strided convolution, also for odd sizes.
            shortcut.append(nn.AvgPool2d(3, stride, 1, count_include_pad=False))
        if inputs != outputs:
            shortcut += [convolution(inputs, outputs, 1), nn.BatchNorm2d(outputs)]
        self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.first_norm(self.first(x)))
        y = self.attention(self.second_norm(self.second(y)))
        return F.relu(y + self.shortcut(x))


class Network(nn.Module):
    """Computes logits (N, classes) of normalised RGB images (N, 3, H, W), whose sides are at least 32."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        # A stem with stride 2 makes the following stages cost a quarter of what they would on the full image.
        self.stem = nn.Conv2d(3, shape.widths[0], 4, 2, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(shape.widths[0])
        stages: list[nn.Module] = []
        inputs = shape.widths[0]
        for index, width in enumerate(shape.widths):
            for number in range(shape.blocks[index]):
                stride = 2 if index > 0 and number == 0 else 1
                stages.append(Block(inputs, width, stride, shape.squeeze[index]))
                inputs = width
        self.blocks = nn.Sequential(*stages)
        self.dropout = nn.Dropout(shape.dropout)
        self.head = nn.Linear(inputs, shape.classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.stem_norm(self.stem(x)))
        x = self.blocks(x)
        return self.head(self.dropout(x.mean((2, 3))))


def parameter_count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
