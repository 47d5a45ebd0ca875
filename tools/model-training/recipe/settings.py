"""Defines the settings of a run as one value, which is written next to the model."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from network import Shape


@dataclass(frozen=True)
class Settings:
    """The settings of one run. Those of the shipped model are stored next to it."""

    seed: int = 1
    shape: Shape = Shape(widths=(32, 96, 192, 320), blocks=(1, 1, 3, 1), squeeze=(False, False, True, True))
    # The number of training images per class that are held out to choose checkpoints and fit the temperature.
    held_out_per_class: int = 20
    # The length of the run: either in passes over the images or in minutes.
    epochs: int | None = 60
    minutes: float | None = None
    # The number of processes that share the work. Each has one thread and a part of every batch.
    workers: int = 2
    batch_per_worker: int = 96
    # (share of the run from which the size applies, image size)
    sizes: tuple[tuple[float, int], ...] = ((0.0, 32), (0.1, 48), (0.6, 56), (0.9, 64))
    peak_learning_rate: float = 0.4
    warm_up: float = 0.06
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    average_decay: float = 0.998
    # The range of the crop's share of the image's area, and the largest aspect ratio, wide or high.
    crop_area: tuple[float, float] = (0.3, 1.0)
    crop_aspect: float = 4 / 3
    colour: float = 0.25
    cut_mix: float = 0.25
    # The share of the run at its end without cut-mix, so that it ends with unmixed images.
    plain_end: float = 0.08

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=2)
