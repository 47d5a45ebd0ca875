#!/usr/bin/env python3
"""From the tar of the data set to a model directory: unpacks, trains (or goes on where a run was
interrupted), chooses the input size, fits the temperature, exports and writes the model card."""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import sys
from pathlib import Path

import torch

import product
from card import Card, Measured, write_card, write_manifest
from dataset import Labels, Pictures, hold_out, load, picture_names, read_labels, unpack
from export import Mirrored, export, for_inference
from judge import Candidate, choose, compare, judge
from metrics import accuracy, calibration_error, fit_temperature
from network import Network, Shape, parameter_count
from settings import Settings
from train import train

RECIPE = Path(__file__).parent

# A minute on two cores: shows that every step works, and trains nothing worth having.
SHORT = Settings(
    shape=Shape(widths=(32, 64, 64, 96), blocks=(1, 1, 1, 1), squeeze=(False, False, True, True)),
    held_out_per_class=5,
    epochs=2,
    batch_per_worker=16,
    workers=2,
    sizes=((0.0, 32),),
)
SHORT_PICTURES_PER_CLASS = 20


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--tar", type=Path, required=True, help="the data set, tinyimagenet100.tar")
    parser.add_argument(
        "--work", type=Path, required=True, help="unpacked pictures and checkpoints; outside the repository"
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder for <name>/<version>/")
    parser.add_argument("--name", default="everyday-100", help="of the model")
    parser.add_argument("--version", default="1", help="of the model")
    parser.add_argument("--epochs", type=int, help="the length of the run in passes over the pictures")
    parser.add_argument("--minutes", type=float, help="the length of the run in minutes, instead of --epochs")
    parser.add_argument("--workers", type=int, help="processes that train together, each on one thread")
    parser.add_argument("--seed", type=int, default=Settings().seed, help="of every random choice")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[64, 72, 80], help="input sizes to choose from"
    )
    parser.add_argument(
        "--no-mirror", action="store_true", help="without the mirror image, at half the time a picture"
    )
    parser.add_argument(
        "--node", default="node", help="Node.js that runs TypeScript, for the product's own figures"
    )
    parser.add_argument(
        "--short", action="store_true", help="a minute's run that shows that everything works"
    )
    return parser.parse_args()


def settings_of(chosen: argparse.Namespace, labels: Labels) -> Settings:
    settings = SHORT if chosen.short else Settings()
    settings = dataclasses.replace(
        settings, seed=chosen.seed, shape=dataclasses.replace(settings.shape, classes=len(labels.names))
    )
    if chosen.epochs is not None and chosen.minutes is not None:
        sys.exit("Give --epochs or --minutes, not both.")
    if chosen.epochs is not None:
        settings = dataclasses.replace(settings, epochs=chosen.epochs)
    if chosen.minutes is not None:
        settings = dataclasses.replace(settings, epochs=None, minutes=chosen.minutes)
    if chosen.workers is not None:
        settings = dataclasses.replace(settings, workers=chosen.workers)
    return settings


def trained_network(settings: Settings, run: Path) -> Network:
    network = Network(settings.shape)
    network.load_state_dict(torch.load(run / "best.pt", map_location="cpu"))
    return network.eval()


def describe(candidate: Candidate) -> str:
    return f"size {candidate.size}: held-out top-1 {candidate.top1:.4f} top-5 {candidate.top5:.4f}"


def reference(data: Path, labels: Labels, logits: torch.Tensor, per_class: int) -> dict[str, str]:
    """What PyTorch answers for some pictures of each class, for another runtime to be held against."""
    names = picture_names(data, "val", None)
    answers = logits.argmax(1).tolist()
    return {
        str(data / "val" / name): labels.names[answer]
        for index, (name, answer) in enumerate(zip(names, answers))
        if index % (len(names) // len(labels.names)) < per_class
    }


def main() -> None:
    chosen = options()
    unpack(chosen.tar, chosen.work)
    labels = read_labels(chosen.work)
    limit = SHORT_PICTURES_PER_CLASS if chosen.short else None
    settings = settings_of(chosen, labels)
    run = chosen.work / f"run-{chosen.name}-{chosen.version}{'-short' if chosen.short else ''}"
    if not (run / "best.pt").exists():
        train(settings, chosen.work, run, limit)

    pictures = load(chosen.work, "train", limit)
    _, held = hold_out(pictures.classes, settings.held_out_per_class, settings.seed)
    held_out = pictures.part(held)
    folded = for_inference(trained_network(settings, run))
    network = folded if chosen.no_mirror else Mirrored(folded)
    candidates = compare(network, held_out, chosen.sizes)
    for candidate in candidates:
        print(describe(candidate), flush=True)
    best = choose(candidates)
    temperature = fit_temperature(best.logits, held_out.classes)
    print(f"chosen: size {best.size}, temperature {temperature}", flush=True)

    folder = chosen.out / chosen.name / chosen.version
    folder.mkdir(parents=True, exist_ok=True)
    export(network, best.size, folder / "model.onnx")
    (folder / "labels.txt").write_text("\n".join(labels.names) + "\n")
    write_manifest(folder, chosen.name, chosen.version, best.size, temperature)
    shutil.copy(run / "training-log.txt", folder)
    shutil.copy(run / "settings.json", folder)

    validation = load(chosen.work, "val")
    logits = judge(network, validation, best.size)
    measured = by_pytorch(logits, validation, temperature)
    if product.runs(chosen.node):
        product.check_labels(chosen.node, folder, reference(chosen.work, labels, logits, per_class=5))
        shown = product.evaluate(chosen.node, folder, chosen.work / "val")
        measured = dataclasses.replace(measured, by=product.NAME, **dataclasses.asdict(shown))
    else:
        print("No Node.js that runs the product: the card has PyTorch's figures.", flush=True)
    write_card(
        folder,
        Card(
            name=chosen.name,
            version=chosen.version,
            labels=labels.names,
            measured=measured,
            candidates=[describe(candidate) for candidate in candidates],
            size=best.size,
            mirrored=not chosen.no_mirror,
            temperature=temperature,
            weights=parameter_count(trained_network(settings, run)),
            bytes=(folder / "model.onnx").stat().st_size,
            trained_on=len(pictures) - len(held_out),
            held_out=len(held_out),
        ),
    )
    print(f"{folder}: top-1 {measured.top1:.4f} top-5 {measured.top5:.4f}", flush=True)


def by_pytorch(logits: torch.Tensor, pictures: Pictures, temperature: float) -> Measured:
    shown = accuracy(logits, pictures.classes)
    answers = torch.stack([pictures.classes, logits.argmax(1)], 1)
    kinds, times = answers[answers[:, 0] != answers[:, 1]].unique(dim=0, return_counts=True)
    return Measured(
        by="PyTorch",
        pictures=len(pictures),
        top1=shown.top1,
        top5=shown.top5,
        calibration_error=calibration_error(logits, pictures.classes, temperature),
        calibration_error_unfitted=calibration_error(logits, pictures.classes, 1.0),
        mistakes=[(*kind, count) for kind, count in zip(kinds.tolist(), times.tolist())],
    )


if __name__ == "__main__":
    main()
