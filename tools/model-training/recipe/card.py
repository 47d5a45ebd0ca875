"""Writes the model card and its confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from candidates import Candidate
from product import Figures


@dataclass(frozen=True)
class Card:
    name: str
    version: str
    labels: list[str]
    # Measured on the validation split.
    figures: Figures
    # The calibration error with a temperature of 1.
    calibration_error_unfitted: float
    # (true class, predicted class, how often)
    mistakes: list[tuple[int, int, int]]
    best: Candidate
    temperature: float
    weights: int
    trained_on: int
    held_out: int


def confusion_table(card: Card) -> np.ndarray:
    """Returns the confusion matrix: a row per true class, a column per predicted class. Each row sums to 1."""
    count = len(card.labels)
    table = np.zeros((count, count))
    for truth, answer, times in card.mistakes:
        table[truth, answer] = times
    each = card.figures.images // count
    np.fill_diagonal(table, each - table.sum(1))
    return table / each


def draw_confusions(table: np.ndarray, file: Path, cell: int = 6) -> None:
    """Draws frequent answers dark. The square root keeps rare mistakes visible."""
    shades = (255 * (1 - np.sqrt(table))).astype(np.uint8)
    Image.fromarray(np.kron(shades, np.ones((cell, cell), np.uint8))).save(file, optimize=True)


def write_card(folder: Path, card: Card) -> None:
    table = confusion_table(card)
    draw_confusions(table, folder / "confusion.png")
    right = np.diag(table)
    order = np.argsort(right, kind="stable")
    figures, form = card.figures, card.best.form
    worst = ", ".join(f"{card.labels[index]} ({100 * right[index]:.0f} %)" for index in order[:10])
    best = ", ".join(card.labels[index] for index in order[::-1][:10])
    mistakes = sorted(card.mistakes, key=lambda mistake: -mistake[2])[:10]
    taken_for = ", ".join(
        f"{card.labels[truth]} for {card.labels[answer]} ({times})" for truth, answer, times in mistakes
    )
    mirror = "It takes the mean for the image and its mirror image." if form.mirrored else ""
    (folder / "README.md").write_text(f"""# {card.name}/{card.version}

For those who use the model: a residual network of {card.weights / 1e6:.1f} million weights that tells {len(card.labels)} everyday classes apart
({card.best.bytes / 1e6:.1f} MB; weights stored in half precision, computed in float32). It sees {form.size} x {form.size} pixels of an image. {mirror}

## Data

{card.trained_on} training images of 64 x 64 pixels from {len(card.labels)} classes of Tiny ImageNet, and {card.held_out} more to choose
the checkpoint, the input size and the temperature. The images belong to their photographers and are not part of this project.

## Recipe

`tools/model-training/recipe/make_model.py`, with `settings.json` and `training-log.txt`. Of several input
sizes, with and without the mirror image, this is the fastest that none beats by more than half a point of top-1.

## Accuracy

On the {figures.images} validation images: **top-1 {100 * figures.top1:.1f} %, top-5 {100 * figures.top5:.1f} %**.

Best: {best}.

Worst: {worst}.

Most often mistaken, of {figures.images // len(card.labels)} images of a class: {taken_for}.

![Confusion matrix: a row per true class, a column per predicted class](confusion.png)

## Calibration

With logits divided by {card.temperature}, the scores are {100 * figures.calibration_error:.1f} points from the truth on average (expected
calibration error, 15 bins), instead of {100 * card.calibration_error_unfitted:.1f}.

## What it is not for

- Anything but the {len(card.labels)} classes of `labels.txt`: it returns the most similar class, unless a precision is demanded (below), and even then for some.
- Small things in large images: it sees {form.size} x {form.size} pixels of the middle.
- People, and decisions about people.
- Anything where a wrong label does harm.
""")
