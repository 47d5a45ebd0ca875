"""The model card and its confusion picture."""

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
    # On the validation split.
    figures: Figures
    # With a temperature of 1.
    calibration_error_unfitted: float
    # (what it is, what it was taken for, how often)
    mistakes: list[tuple[int, int, int]]
    candidates: list[Candidate]
    best: Candidate
    temperature: float
    weights: int
    trained_on: int
    held_out: int


def confusion_table(card: Card) -> np.ndarray:
    """Row: what it is; column: what it was taken for; each row sums to 1."""
    count = len(card.labels)
    table = np.zeros((count, count))
    for truth, answer, times in card.mistakes:
        table[truth, answer] = times
    each = card.figures.pictures // count
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
    figures, form = card.figures, card.best.form
    class_row = "\n".join(f"| {card.labels[index]} | {100 * right[index]:.0f} % |" for index in order[:10])
    best = ", ".join(card.labels[index] for index in order[::-1][:10])
    mistakes = sorted(card.mistakes, key=lambda mistake: -mistake[2])[:10]
    mistake_rows = "\n".join(
        f"| {card.labels[truth]} | {card.labels[answer]} | {times} |" for truth, answer, times in mistakes
    )
    candidate_rows = "\n".join(
        f"| {one.form.size} | {'yes' if one.form.mirrored else 'no'} | {one.form.weights} "
        f"| {100 * one.top1:.1f} % | {100 * one.top5:.1f} % | {one.milliseconds:.1f} | {one.bytes / 1e6:.1f} |"
        for one in card.candidates
    )
    mirror = "It judges a picture and its mirror image and takes the mean. " if form.mirrored else ""
    (folder / "README.md").write_text(f"""# {card.name}/{card.version}

A residual network of {card.weights / 1e6:.1f} million weights that tells {len(card.labels)} everyday classes apart
({card.best.bytes / 1e6:.1f} MB; weights stored in half precision, computed in float32). It takes pictures of
{form.size} x {form.size} pixels, which the product makes of any picture. {mirror}`manifest.json` says the rest.

## Data

{card.trained_on} training pictures of 64 x 64 pixels from {len(card.labels)} classes of Tiny ImageNet, and {card.held_out} more of
them held out for choosing the checkpoint, the input size and the temperature. The pictures belong to their
photographers and are no part of this project.

## Recipe

`tools/model-training/recipe/make_model.py`; the settings of this run are in `settings.json`, its log in
`training-log.txt`. What could be shipped, through the product on the held-out pictures, one thread:

| pixels | mirror image | weights | top-1 | top-5 | ms a picture | MB |
| --- | --- | --- | --- | --- | --- | --- |
{candidate_rows}

Shipped is the fastest with weights in half precision that none of these beats by more than half a point of top-1.
The time is that from the file to the label. 8-bit arithmetic is there for comparison only: what it answers differs
between processors.

## Accuracy

On the {figures.pictures} validation pictures, through the product: **top-1 {100 * figures.top1:.1f} %, top-5 {100 * figures.top5:.1f} %**.

Its ten best classes: {best}. Its ten worst:

| class | right |
| --- | --- |
{class_row}

Most frequent mistakes, of {figures.pictures // len(card.labels)} pictures a class:

| what it is | taken for | times |
| --- | --- | --- |
{mistake_rows}

![Confusions: a row is what the picture shows, a column what it was taken for](confusion.png)

## Calibration

Divided by a temperature of {card.temperature}, the scores are {100 * figures.calibration_error:.1f} points from the truth on average (expected
calibration error, 15 bins); without it they would be {100 * card.calibration_error_unfitted:.1f} points. A score of 0.8 is right
about 8 times in 10, for pictures like those of the data set.

## What it is not for

- Anything but the {len(card.labels)} classes of `labels.txt`: it has no answer for "none of these" and gives the nearest one.
- Small things in large pictures: it sees {form.size} x {form.size} pixels of the middle.
- People, and decisions about people.
- Anything where a wrong label does harm.
""")
