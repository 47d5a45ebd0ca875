"""What the product makes of a model: its own decoding, preprocessing and runtime."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "the product (onnxruntime-node and sharp)"
CLI = Path(__file__).parent.parent.parent / "cli" / "src"
# Of a few hundred labels one may differ where two classes are all but equally likely.
AGREEING_AT_LEAST = 0.99


@dataclass(frozen=True)
class Figures:
    pictures: int
    top1: float
    top5: float
    calibration_error: float
    # Of one picture, on average over all threads.
    milliseconds: float


def runs(node: str) -> bool:
    """Whether there is a Node.js that runs TypeScript, and the product's packages are installed."""
    if shutil.which(node) is None:
        return False
    return subprocess.run([node, str(CLI / "evaluate.ts"), "--help"], capture_output=True).returncode == 0


def evaluate(node: str, model: Path, pictures: Path, threads: int | None = None) -> Figures:
    """`npm run model:evaluate`: the product's figures on folders of pictures."""
    options = ["--data", str(pictures), "--model", str(model), "--json"]
    if threads is not None:
        options += ["--threads", str(threads)]
    values = json.loads(output([node, str(CLI / "evaluate.ts"), *options]))
    return Figures(
        pictures=values["images"],
        top1=values["top1"],
        top5=values["top5"],
        calibration_error=values["calibrationError"],
        milliseconds=1000 / values["imagesPerSecond"],
    )


def check_labels(node: str, model: Path, expected: dict[str, str]) -> None:
    """`npm run classify` on single pictures, against what PyTorch says of them.

    Raises RuntimeError where the two disagree."""
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
