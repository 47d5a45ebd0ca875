"""Evaluates a model with the decoding, preprocessing and runtime of the product."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "the product (onnxruntime-node and sharp)"
CLI = Path(__file__).parent.parent.parent / "cli" / "src"
# One of a few hundred labels may differ, where two classes are almost equally likely.
AGREEING_AT_LEAST = 0.99


@dataclass(frozen=True)
class Figures:
    images: int
    top1: float
    top5: float
    calibration_error: float
    # The time of one image, on average over all threads.
    milliseconds: float


def runs(node: str) -> bool:
    """Returns whether `node` runs TypeScript and the product's packages are installed."""
    if shutil.which(node) is None:
        return False
    return subprocess.run([node, str(CLI / "evaluate.ts"), "--help"], capture_output=True).returncode == 0


def evaluate(node: str, model: Path, images: Path, threads: int | None = None) -> Figures:
    """Evaluates a model on folders of images, as `npm run model:evaluate` does."""
    options = ["--data", str(images), "--model", str(model), "--json"]
    if threads is not None:
        options += ["--threads", str(threads)]
    values = json.loads(output([node, str(CLI / "evaluate.ts"), *options]))
    return Figures(
        images=values["images"],
        top1=values["top1"],
        top5=values["top5"],
        calibration_error=values["calibrationError"],
        milliseconds=1000 / values["imagesPerSecond"],
    )


def calibrate(node: str, model: Path, images: Path) -> None:
    """Measures how precise the labels are from each score on, and writes the table into the manifest and the card."""
    output([node, str(CLI / "evaluate.ts"), "--data", str(images), "--model", str(model), "--save", "--json"])


def check_labels(node: str, model: Path, expected: dict[str, str]) -> None:
    """Classifies single images, as `npm run classify` does, and compares the labels with those of PyTorch.

    Raises RuntimeError if too many differ."""
    lines = output([node, str(CLI / "classify.ts"), "--model", str(model), "--json", *expected]).splitlines()
    answers = {line["file"]: line["predictions"][0]["label"] for line in map(json.loads, lines)}
    agreeing = sum(answers[file] == label for file, label in expected.items())
    print(f"the product agrees with PyTorch on {agreeing} of {len(expected)} labels", flush=True)
    if agreeing < AGREEING_AT_LEAST * len(expected):
        raise RuntimeError(f"{model} gives other labels in the product than in PyTorch")


def output(command: list[str]) -> str:
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:2])} failed: {ended.stderr.strip()}")
    return ended.stdout
