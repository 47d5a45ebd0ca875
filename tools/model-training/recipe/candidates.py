"""Builds the forms in which a trained network could be shipped, and evaluates each with the product."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

import product
from dataset import Images, image_names
from export import Mirrored, export, for_inference, quantise, quantises
from manifest import write_manifest
from network import Network

STORAGE = {"float16": torch.float16, "float32": torch.float32}
# The number of training images that determine the ranges of 8-bit activations.
CALIBRATED_ON = 256


@dataclass(frozen=True)
class Form:
    # The width and height of the input in pixels.
    size: int
    # True: the model takes the mean over the image and its mirror image, in twice the time.
    mirrored: bool
    # The type in which weights are stored. With "int8", the model also computes in it.
    weights: str

    @property
    def name(self) -> str:
        return f"{self.size}-{'mirrored' if self.mirrored else 'plain'}-{self.weights}"


@dataclass(frozen=True)
class Candidate:
    form: Form
    top1: float
    top5: float
    bytes: int
    # The time of one image on one thread, from its file to its label.
    milliseconds: float


def forms(sizes: list[int]) -> list[Form]:
    """Returns every size with and without the mirror image. Other weights are compared only at the smallest size."""
    half = [Form(size, mirrored, "float16") for size in sizes for mirrored in (False, True)]
    others = ["float32", *(["int8"] if quantises() else [])]
    return half + [Form(min(sizes), True, weights) for weights in others]


def built(network: Network, form: Form) -> nn.Module:
    """Returns the module to export, in full precision if the weights are quantised afterwards."""
    folded = for_inference(network, STORAGE.get(form.weights, torch.float32))
    return Mirrored(folded) if form.mirrored else folded


def write_model(
    folder: Path, network: Network, form: Form, labels: list[str], name: str, version: str,
    temperature: float, calibration: Images,
) -> None:  # fmt: skip
    """Writes a model directory with everything that the product needs."""
    folder.mkdir(parents=True, exist_ok=True)
    eight_bit = form.weights == "int8"
    export(built(network, form), form.size, folder / "model.onnx", keep_storage=not eight_bit)
    if eight_bit:
        quantise(folder / "model.onnx", form.size, calibration)
    (folder / "labels.txt").write_text("\n".join(labels) + "\n")
    write_manifest(folder, name, version, form.size, temperature)


def held_out_folder(work: Path, folder: Path, held: np.ndarray, limit: int | None) -> Path:
    """Creates the folder of the held-out images for `npm run model:evaluate`: one folder of links for each class."""
    names = image_names(work, "train", limit)
    for index in held:
        link = folder / names[index]
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            os.symlink(work / "train" / names[index], link)
    labels = folder / "labels.tsv"
    if not labels.exists():
        labels.write_text((work / "labels.tsv").read_text())
    return folder


def compare(
    node: str, network: Network, chosen: list[Form], labels: list[str], images: Path, calibration: Images,
    folder: Path,
) -> list[Candidate]:  # fmt: skip
    """Evaluates every form with the product on one thread, on the images held out from training."""
    candidates = []
    for form in chosen:
        directory = folder / form.name
        write_model(directory, network, form, labels, form.name, "1", 1.0, calibration)
        shown = product.evaluate(node, directory, images, threads=1)
        size = (directory / "model.onnx").stat().st_size
        candidate = Candidate(form, shown.top1, shown.top5, size, shown.milliseconds)
        print(describe(candidate), flush=True)
        candidates.append(candidate)
    return candidates


def describe(candidate: Candidate) -> str:
    return (
        f"{candidate.form.name}: held-out top-1 {candidate.top1:.4f} top-5 {candidate.top5:.4f}, "
        f"{candidate.milliseconds:.1f} ms, {candidate.bytes / 1e6:.1f} MB"
    )


def choose(candidates: list[Candidate], worth: float = 0.005) -> Candidate:
    """Returns the fastest candidate with half-precision weights whose top-1 is at most `worth` below the best of them.

    8-bit models are compared but not chosen, because their results differ between processors."""
    eligible = [one for one in candidates if one.form.weights == "float16"]
    best = max(one.top1 for one in eligible)
    return min((one for one in eligible if one.top1 >= best - worth), key=lambda one: one.milliseconds)
