"""The residual network: dense 3x3 convolutions in multiples of 32 channels, which is what
matrix units for bfloat16 run best, and what a plain CPU runs well in float32."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Shape:
    """What the network is made of: one entry a stage; every stage after the first halves the picture."""

    widths: tuple[int, ...] = (64, 128, 256, 384)
    blocks: tuple[int, ...] = (1, 2, 2, 1)
    squeeze: tuple[bool, ...] = (False, False, True, True)
    classes: int = 100
    dropout: float = 0.0


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class SqueezeExcite(nn.Module):
    """Weighs the channels by what the whole picture shows."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // 8)
        self.excite = nn.Linear(channels // 8, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean((2, 3))))))
        return x * weights[:, :, None, None]


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut. A block that begins as the identity
    (its last scale is zero) lets the learning rate start high."""

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
            # A window of 3 with padding gives the same odd sizes as the strided convolution.
            shortcut.append(nn.AvgPool2d(3, stride, 1, count_include_pad=False))
        if inputs != outputs:
            shortcut += [convolution(inputs, outputs, 1), nn.BatchNorm2d(outputs)]
        self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.first_norm(self.first(x)))
        y = self.attention(self.second_norm(self.second(y)))
        return F.relu(y + self.shortcut(x))


class Network(nn.Module):
    """Normalised RGB pictures (N, 3, H, W) of any size from 32 up to logits (N, classes)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        # A 4x4 window with stride 2 costs what a 3x3 one on the full picture would not: a quarter.
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
