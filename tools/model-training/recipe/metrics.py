"""Compares logits with the true classes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F


@dataclass(frozen=True)
class Accuracy:
    top1: float
    top5: float


def accuracy(logits: torch.Tensor, classes: torch.Tensor) -> Accuracy:
    best = logits.topk(min(5, logits.shape[1]), 1).indices
    right = best == classes[:, None]
    return Accuracy(right[:, 0].float().mean().item(), right.any(1).float().mean().item())


def calibration_error(
    logits: torch.Tensor, classes: torch.Tensor, temperature: float, bins: int = 15
) -> float:
    """Returns the expected calibration error: the mean distance of a score from the share of right answers at it."""
    scores, answers = F.softmax(logits / temperature, 1).max(1)
    right = (answers == classes).float()
    bin_of = (scores * bins).long().clamp(max=bins - 1)
    error = 0.0
    for index in range(bins):
        inside = bin_of == index
        if inside.any():
            error += inside.float().mean().item() * abs(scores[inside].mean() - right[inside].mean()).item()
    return error


def fit_temperature(logits: torch.Tensor, classes: torch.Tensor) -> float:
    """Returns the temperature with the least log loss, found by golden-section search between 0.25 and 4."""
    low, high, ratio = 0.25, 4.0, (5**0.5 - 1) / 2

    def loss(temperature: float) -> float:
        return F.cross_entropy(logits / temperature, classes).item()

    while high - low > 1e-3:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return round((low + high) / 2, 3)
