#!/usr/bin/env python3
"""Creates a model directory from the tar of the data set: unpacks it, trains (or resumes an interrupted run), compares
the candidates, fits the temperature, exports the model and writes the model card."""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import sys
from pathlib import Path

import torch

import product
from candidates import CALIBRATED_ON, built, choose, compare, forms, held_out_folder, write_model
from card import Card, write_card
from dataset import Labels, hold_out, image_names, load, read_labels, unpack
from judge import judge
from metrics import calibration_error, fit_temperature
from network import Network, Shape, parameter_count
from settings import Settings
from train import train

RECIPE = Path(__file__).parent

# Takes a minute on two cores and shows that every step works. The trained model is useless.
SHORT = Settings(
    shape=Shape(widths=(32, 64, 64, 96), blocks=(1, 1, 1, 1), squeeze=(False, False, True, True)),
    held_out_per_class=5,
    epochs=2,
    batch_per_worker=16,
    workers=2,
    sizes=((0.0, 32),),
)
SHORT_IMAGES_PER_CLASS = 20


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--tar", type=Path, required=True, help="the data set, tinyimagenet100.tar")
    parser.add_argument(
        "--work", type=Path, required=True, help="unpacked images and checkpoints; outside the repository"
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder for <name>/<version>/")
    parser.add_argument("--name", default="everyday-100", help="the name of the model")
    parser.add_argument("--version", default="1", help="the version of the model")
    parser.add_argument("--epochs", type=int, help="the length of the run in passes over the images")
    parser.add_argument("--minutes", type=float, help="the length of the run in minutes, instead of --epochs")
    parser.add_argument("--workers", type=int, help="processes that train together, each on one thread")
    parser.add_argument("--seed", type=int, default=Settings().seed, help="the seed of every random choice")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[64, 72, 80], help="input sizes to choose from"
    )
    parser.add_argument(
        "--node", default="node", help="a Node.js that runs TypeScript, which evaluates the model with the product"
    )
    parser.add_argument(
        "--short", action="store_true", help="run every step in a minute; the model is useless"
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


def reference(data: Path, labels: Labels, logits: torch.Tensor, per_class: int) -> dict[str, str]:
    """Returns the labels that PyTorch gives some images of each class, to compare another runtime with."""
    names = image_names(data, "val", None)
    answers = logits.argmax(1).tolist()
    return {
        str(data / "val" / name): labels.names[answer]
        for index, (name, answer) in enumerate(zip(names, answers))
        if index % (len(names) // len(labels.names)) < per_class
    }


def main() -> None:
    chosen = options()
    if not product.runs(chosen.node):
        sys.exit(f"{chosen.node} does not run the product: give --node, and run npm ci first.")
    unpack(chosen.tar, chosen.work)
    labels = read_labels(chosen.work)
    limit = SHORT_IMAGES_PER_CLASS if chosen.short else None
    settings = settings_of(chosen, labels)
    run = chosen.work / f"run-{chosen.name}-{chosen.version}{'-short' if chosen.short else ''}"
    if not (run / "best.pt").exists():
        train(settings, chosen.work, run, limit)

    network = trained_network(settings, run)
    images = load(chosen.work, "train", limit)
    trained, held = hold_out(images.classes, settings.held_out_per_class, settings.seed)
    calibration = images.part(trained[:: max(1, len(trained) // CALIBRATED_ON)])
    candidates = compare(
        chosen.node, network, forms(chosen.sizes), labels.names,
        held_out_folder(chosen.work, run / "held-out", held, limit), calibration, run / "candidates",
    )  # fmt: skip
    best = choose(candidates)
    held_out = images.part(held)
    temperature = fit_temperature(
        judge(built(network, best.form), held_out, best.form.size), held_out.classes
    )
    print(f"chosen: {best.form.name}, temperature {temperature}", flush=True)

    folder = chosen.out / chosen.name / chosen.version
    write_model(
        folder, network, best.form, labels.names, chosen.name, chosen.version, temperature, calibration
    )
    for file in ["training-log.txt", "settings.json"]:
        shutil.copy(run / file, folder)

    validation = load(chosen.work, "val")
    logits = judge(built(network, best.form), validation, best.form.size)
    product.check_labels(chosen.node, folder, reference(chosen.work, labels, logits, per_class=5))
    write_card(
        folder,
        Card(
            name=chosen.name,
            version=chosen.version,
            labels=labels.names,
            figures=product.evaluate(chosen.node, folder, chosen.work / "val"),
            calibration_error_unfitted=calibration_error(logits, validation.classes, 1.0),
            mistakes=mistakes_of(logits, validation.classes),
            best=best,
            temperature=temperature,
            weights=parameter_count(network),
            trained_on=len(trained),
            held_out=len(held),
        ),
    )
    product.calibrate(chosen.node, folder, chosen.work / "val")
    print((folder / "README.md").read_text(), flush=True)


def mistakes_of(logits: torch.Tensor, classes: torch.Tensor) -> list[tuple[int, int, int]]:
    """Returns the true class, the predicted class and the number of each kind of mistake."""
    answers = torch.stack([classes, logits.argmax(1)], 1)
    kinds, times = answers[answers[:, 0] != answers[:, 1]].unique(dim=0, return_counts=True)
    return [(*kind, count) for kind, count in zip(kinds.tolist(), times.tolist())]


if __name__ == "__main__":
    main()
