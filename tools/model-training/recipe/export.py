"""Exports the trained network as an ONNX file. Norms are folded into the convolutions. Weights are stored in half
precision; the runtime casts them to float32 once, when it loads the model."""

from __future__ import annotations

import copy
import importlib.util
import inspect
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from augment import normalise
from dataset import Images
from judge import resized
from network import Block, Network


class StoredConvolution(nn.Module):
    """A convolution whose weights are stored as `storage`."""

    def __init__(self, source: nn.Conv2d, storage: torch.dtype) -> None:
        super().__init__()
        self.register_buffer("weight", source.weight.detach().to(storage))
        self.register_buffer("bias", source.bias.detach().to(storage))
        self.stride, self.padding = source.stride, source.padding

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, self.weight.float(), self.bias.float(), self.stride, self.padding)


class StoredLinear(nn.Module):
    def __init__(self, source: nn.Linear, storage: torch.dtype) -> None:
        super().__init__()
        self.register_buffer("weight", source.weight.detach().to(storage))
        self.register_buffer("bias", source.bias.detach().to(storage))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self.weight.float(), self.bias.float())


def for_inference(network: Network, storage: torch.dtype = torch.float16) -> Network:
    """Returns a copy without norms whose weights are rounded to `storage`. It computes in float32."""
    folded = copy.deepcopy(network).float().cpu().eval()

    def fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> StoredConvolution:
        return StoredConvolution(fuse_conv_bn_eval(convolution, norm), storage)

    folded.stem, folded.stem_norm = fold(folded.stem, folded.stem_norm), nn.Identity()
    for block in folded.blocks:
        assert isinstance(block, Block)
        block.first, block.first_norm = fold(block.first, block.first_norm), nn.Identity()
        block.second, block.second_norm = fold(block.second, block.second_norm), nn.Identity()
        shortcut = list(block.shortcut)
        if shortcut and isinstance(shortcut[-1], nn.BatchNorm2d):
            shortcut[-2:] = [fold(shortcut[-2], shortcut[-1])]
        block.shortcut = nn.Sequential(*shortcut)
        if not isinstance(block.attention, nn.Identity):
            block.attention.squeeze = StoredLinear(block.attention.squeeze, storage)
            block.attention.excite = StoredLinear(block.attention.excite, storage)
    folded.head = StoredLinear(folded.head, storage)
    return folded.requires_grad_(False)


class Mirrored(nn.Module):
    """Returns the mean of the logits for an image and for its mirror image."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (self.network(x) + self.network(x.flip(3))) / 2


def export(network: nn.Module, size: int, file: Path, keep_storage: bool = True) -> None:
    """Writes a network from `for_inference`, mirrored or not, for batches of any number of images of `size`.

    Without `keep_storage` all weights are float32 constants, which quantisation needs."""
    options: dict[str, object] = {}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, size, size),),
            str(file),
            input_names=["image"],
            output_names=["logits"],
            dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
            opset_version=13,
            # Folding would convert the stored half-precision weights to float32.
            do_constant_folding=not keep_storage,
            **options,
        )


def quantises() -> bool:
    """Returns whether Python's onnxruntime, which quantises models, is installed."""
    return importlib.util.find_spec("onnxruntime") is not None


def quantise(file: Path, size: int, calibration: Images) -> None:
    """Quantises weights and activations to 8 bits, with ranges from the images of `calibration`."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.inputs: Iterator[dict[str, np.ndarray]] = (
                {"image": normalise(resized(calibration.pixels[index : index + 1], size)).contiguous().numpy()}
                for index in range(len(calibration))
            )

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self.inputs, None)

    whole = file.with_suffix(".whole.onnx")
    file.rename(whole)
    # Both types are signed, because processors without VNNI saturate otherwise.
    quantize_static(
        whole, file, Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QInt8, weight_type=QuantType.QInt8,
    )  # fmt: skip
    whole.unlink()
