"""Reads the data set as arrays. It is unpacked from the tar once, decoded once, and then read through memory maps."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

SIDE = 64


@dataclass(frozen=True)
class Labels:
    ids: list[str]
    names: list[str]


@dataclass(frozen=True)
class Images:
    """Images and their classes: `pixels` is uint8 (N, 3, 64, 64), `classes` is int64 (N,)."""

    pixels: torch.Tensor
    classes: torch.Tensor

    def __len__(self) -> int:
        return len(self.classes)

    def part(self, indices: np.ndarray) -> "Images":
        chosen = torch.from_numpy(indices)
        return Images(self.pixels[chosen], self.classes[chosen])


def unpack(tar: Path, folder: Path) -> None:
    """Unpacks the tar, unless the folder is complete already."""
    if (folder / "labels.tsv").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(tar) as archive:
        # The labels come last, because they show that the folder is complete.
        members = sorted(archive.getmembers(), key=lambda member: member.name.endswith("labels.tsv"))
        archive.extractall(folder, members)


def read_labels(folder: Path) -> Labels:
    rows = [line.split("\t") for line in (folder / "labels.tsv").read_text().splitlines() if line]
    return Labels([row[0] for row in rows], [row[1] for row in rows])


def load(folder: Path, split: str, limit_per_class: int | None = None) -> Images:
    """Returns the images of "train" or "val" in the order of their classes and then of their names."""
    cache = folder / f"{split}{'' if limit_per_class is None else f'-{limit_per_class}'}.npy"
    marks = cache.with_suffix(".classes.npy")
    if not marks.exists():
        pixels, classes = decode(folder, split, limit_per_class)
        np.save(cache, pixels)
        np.save(marks, classes)
    # The map is copy-on-write, because torch needs arrays that it may write to.
    return Images(torch.from_numpy(np.load(cache, mmap_mode="c")), torch.from_numpy(np.load(marks)))


def image_names(folder: Path, split: str, limit_per_class: int | None) -> list[str]:
    """Returns paths in the split's folder, `<WordNet id>/<file>`, in the order of `load`."""
    return [
        f"{wordnet_id}/{path.name}"
        for wordnet_id in read_labels(folder).ids
        for path in sorted((folder / split / wordnet_id).iterdir())[:limit_per_class]
    ]


def decode(folder: Path, split: str, limit_per_class: int | None) -> tuple[np.ndarray, np.ndarray]:
    pixels: list[np.ndarray] = []
    classes: list[int] = []
    class_of = {wordnet_id: index for index, wordnet_id in enumerate(read_labels(folder).ids)}
    for name in image_names(folder, split, limit_per_class):
        image = np.asarray(Image.open(folder / split / name).convert("RGB"))
        if image.shape != (SIDE, SIDE, 3):
            raise ValueError(f"{split}/{name} is not {SIDE} x {SIDE}")
        pixels.append(image.transpose(2, 0, 1))
        classes.append(class_of[name.split("/")[0]])
    return np.stack(pixels), np.array(classes, dtype=np.int64)


def hold_out(classes: torch.Tensor, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the indices of the images to train on and of those to hold out. They are the same for the same seed."""
    chooser = np.random.default_rng(seed)
    held = np.concatenate(
        [
            chooser.choice(np.flatnonzero(classes.numpy() == index), per_class, replace=False)
            for index in range(int(classes.max()) + 1)
        ]
    )
    return np.setdiff1d(np.arange(len(classes)), held), np.sort(held)
