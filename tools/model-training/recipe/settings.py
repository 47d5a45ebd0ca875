"""Everything that decides how a run goes, in one value that is written beside the model."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from network import Shape


@dataclass(frozen=True)
class Settings:
    """The settings of one run. Those of the shipped one lie beside its model."""

    seed: int = 1
    shape: Shape = Shape(widths=(32, 96, 192, 320), blocks=(1, 1, 3, 1), squeeze=(False, False, True, True))
    # Training pictures of each class held out for choosing checkpoints and fitting the temperature.
    held_out_per_class: int = 20
    # The length of the run: either so many passes over the pictures or so many minutes of wall clock.
    epochs: int | None = 60
    minutes: float | None = None
    # Processes that share the work, each with its own part of every batch and one thread.
    workers: int = 2
    batch_per_worker: int = 96
    # (from this share of the run on, train at this picture size)
    sizes: tuple[tuple[float, int], ...] = ((0.0, 32), (0.1, 48), (0.6, 56), (0.9, 64))
    peak_learning_rate: float = 0.4
    warm_up: float = 0.06
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    average_decay: float = 0.998
    # The crop's share of the picture's area, and its aspect ratio either way.
    crop_area: tuple[float, float] = (0.3, 1.0)
    crop_aspect: float = 4 / 3
    colour: float = 0.25
    cut_mix: float = 0.25
    # The last share of the run without cut-mix, so that it ends on pictures as they are.
    plain_end: float = 0.08

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=2)
