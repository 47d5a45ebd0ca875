"""Computes the values that change during a run from its progress (0 to 1)."""

from __future__ import annotations

import math

from settings import Settings


def image_size(settings: Settings, progress: float) -> int:
    return [size for start, size in settings.sizes if start <= progress][-1]


def learning_rate(settings: Settings, progress: float) -> float:
    """Returns a rate that rises in a straight line and then falls along a cosine to zero."""
    if progress < settings.warm_up:
        return settings.peak_learning_rate * (progress / settings.warm_up)
    rest = min(1.0, (progress - settings.warm_up) / (1 - settings.warm_up))
    return settings.peak_learning_rate * (1 + math.cos(math.pi * rest)) / 2


def cut_mix_chance(settings: Settings, progress: float) -> float:
    return 0.0 if progress > 1 - settings.plain_end else settings.cut_mix
