"""What lies beside the model: the manifest, the model card and its confusion picture."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from augment import MEAN, STD


@dataclass(frozen=True)
class Measured:
    """Figures on the validation split."""

    by: str
    pictures: int
    top1: float
    top5: float
    calibration_error: float
    # With a temperature of 1.
    calibration_error_unfitted: float
    # (what it is, what it was taken for, how often)
    mistakes: list[tuple[int, int, int]]


@dataclass(frozen=True)
class Card:
    name: str
    version: str
    labels: list[str]
    measured: Measured
    # What was compared on the held-out pictures, a line each.
    candidates: list[str]
    size: int
    mirrored: bool
    temperature: float
    weights: int
    bytes: int
    trained_on: int
    held_out: int


def write_manifest(folder: Path, name: str, version: str, size: int, temperature: float) -> None:
    manifest = {
        "format": 1,
        "name": name,
        "version": version,
        "file": "model.onnx",
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "labels": "labels.txt",
        "input": {
            "width": size,
            "height": size,
            "layout": "NCHW",
            "channels": "RGB",
            "resize": {"mode": "shorter-side", "size": size, "kernel": "linear"},
            "crop": "center",
            "scale": 1 / 255,
            "mean": MEAN,
            "std": STD,
        },
        "output": {"kind": "logits", "temperature": temperature},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def confusion_table(card: Card) -> np.ndarray:
    """Row: what it is; column: what it was taken for; each row sums to 1."""
    count = len(card.labels)
    table = np.zeros((count, count))
    for truth, answer, times in card.measured.mistakes:
        table[truth, answer] = times
    each = card.measured.pictures // count
    np.fill_diagonal(table, each - table.sum(1))
    return table / each


def draw_confusions(table: np.ndarray, file: Path, cell: int = 6) -> None:
    """Dark is often; the square root keeps rare mistakes in sight."""
    shades = (255 * (1 - np.sqrt(table))).astype(np.uint8)
    Image.fromarray(np.kron(shades, np.ones((cell, cell), np.uint8))).save(file, optimize=True)


def write_card(folder: Path, card: Card) -> None:
    table = confusion_table(card)
    draw_confusions(table, folder / "confusion.png")
    right = np.diag(table)
    order = np.argsort(right, kind="stable")
    measured = card.measured
    class_row = "\n".join(f"| {card.labels[index]} | {100 * right[index]:.0f} % |" for index in order[:10])
    best = ", ".join(card.labels[index] for index in order[::-1][:10])
    mistakes = sorted(measured.mistakes, key=lambda mistake: -mistake[2])[:10]
    mistake_rows = "\n".join(
        f"| {card.labels[truth]} | {card.labels[answer]} | {times} |" for truth, answer, times in mistakes
    )
    mirror = "It judges a picture and its mirror image and takes the mean. " if card.mirrored else ""
    (folder / "README.md").write_text(f"""# {card.name}/{card.version}

A residual network of {card.weights / 1e6:.1f} million weights that tells {len(card.labels)} everyday classes apart
({card.bytes / 1e6:.1f} MB; weights stored in half precision, computed in float32). It takes pictures of
{card.size} x {card.size} pixels, which the product makes of any picture. {mirror}`manifest.json` says the rest.

## Data

{card.trained_on} training pictures of 64 x 64 pixels from {len(card.labels)} classes of Tiny ImageNet, and {card.held_out} more of
them held out for choosing the checkpoint, the input size and the temperature. The pictures belong to their
photographers and are no part of this project.

## Recipe

`tools/model-training/recipe/make_model.py`; the settings of this run are in `settings.json`, its log in
`training-log.txt`. Input sizes compared on the held-out pictures:

{chr(10).join('- ' + line for line in card.candidates)}

## Accuracy

On the {measured.pictures} validation pictures, through {measured.by}: **top-1 {100 * measured.top1:.1f} %, top-5 {100 * measured.top5:.1f} %**.

Its ten best classes: {best}. Its ten worst:

| class | right |
| --- | --- |
{class_row}

Most frequent mistakes, of {measured.pictures // len(card.labels)} pictures a class:

| what it is | taken for | times |
| --- | --- | --- |
{mistake_rows}

![Confusions: a row is what the picture shows, a column what it was taken for](confusion.png)

## Calibration

Divided by a temperature of {card.temperature}, the scores are {100 * measured.calibration_error:.1f} points from the truth on average (expected
calibration error, 15 bins); without it they would be {100 * measured.calibration_error_unfitted:.1f} points. A score of 0.8 is right
about 8 times in 10, for pictures like those of the data set.

## What it is not for

- Anything but the {len(card.labels)} classes of `labels.txt`: it has no answer for "none of these" and gives the nearest one.
- Small things in large pictures: it sees {card.size} x {card.size} pixels of the middle.
- People, and decisions about people.
- Anything where a wrong label does harm.
""")
