"""Tests the recipe. Run them with python3 -m unittest in this folder."""

from __future__ import annotations

import dataclasses
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch

import made_up_images
import train as training
from augment import augment, cut_mix, normalise
from dataset import hold_out, load, unpack
from export import Mirrored, for_inference
from metrics import accuracy, calibration_error, fit_temperature
from network import Network, Shape
from schedule import image_size, learning_rate
from settings import Settings

TINY = Settings(
    shape=Shape(widths=(8, 8), blocks=(1, 1), squeeze=(False, True), classes=made_up_images.CLASSES),
    held_out_per_class=5,
    epochs=3,
    workers=1,
    batch_per_worker=16,
    sizes=((0.0, 32),),
)


class Schedule(unittest.TestCase):
    def test_learning_rate_rises_then_falls_to_nothing(self) -> None:
        settings = Settings(peak_learning_rate=1.0, warm_up=0.1)
        for progress, rate in [(0.0, 0.0), (0.05, 0.5), (0.1, 1.0), (0.55, 0.5), (1.0, 0.0)]:
            with self.subTest(progress=progress):
                self.assertAlmostEqual(learning_rate(settings, progress), rate)

    def test_size_is_that_of_the_last_step_begun(self) -> None:
        settings = Settings(sizes=((0.0, 32), (0.5, 48)))
        self.assertEqual(
            [image_size(settings, progress) for progress in (0.0, 0.49, 0.5, 1.0)], [32, 32, 48, 48]
        )


class Data(unittest.TestCase):
    def test_as_many_images_of_each_class_are_held_out_and_the_same_for_the_same_seed(self) -> None:
        classes = torch.arange(4).repeat_interleave(10)
        trained, held = hold_out(classes, 3, seed=1)
        self.assertEqual(np.bincount(classes[held]).tolist(), [3, 3, 3, 3])
        self.assertEqual(sorted([*trained, *held]), list(range(40)))
        self.assertTrue((held == hold_out(classes, 3, seed=1)[1]).all())

    def test_a_view_without_changes_is_the_image(self) -> None:
        plain = dataclasses.replace(TINY, crop_area=(1.0, 1.0), crop_aspect=1.0, colour=0.0)
        pixels = torch.randint(0, 256, (8, 3, 64, 64), dtype=torch.uint8)
        view = augment(plain, pixels, 64, torch.Generator().manual_seed(0))
        for shown, whole in zip(view, normalise(pixels)):
            error = min((shown - whole).abs().max(), (shown - whole.flip(2)).abs().max())
            self.assertLess(error, 1e-3)

    def test_cut_mix_returns_the_unchanged_share_of_an_image(self) -> None:
        views = torch.arange(6.0).view(6, 1, 1, 1).expand(6, 3, 32, 32).clone()
        mixed, partner, own = cut_mix(views, torch.Generator().manual_seed(3))
        for index in range(6):
            if partner[index] != index:
                self.assertAlmostEqual((mixed[index] == index).float().mean().item(), own, places=5)


class Figures(unittest.TestCase):
    def test_the_temperature_of_scaled_logits_is_found(self) -> None:
        torch.manual_seed(0)
        honest = torch.randn(4000, 5) * 2
        classes = torch.multinomial(honest.softmax(1), 1)[:, 0]
        self.assertAlmostEqual(fit_temperature(honest * 2, classes), 2.0, delta=0.1)
        self.assertLess(
            calibration_error(honest * 2, classes, 2.0), calibration_error(honest * 2, classes, 1.0)
        )

    def test_accuracy_of_fewer_than_five_classes(self) -> None:
        shown = accuracy(torch.tensor([[2.0, 1.0], [2.0, 1.0]]), torch.tensor([0, 1]))
        self.assertEqual((shown.top1, shown.top5), (0.5, 1.0))


class Export(unittest.TestCase):
    def test_folded_network_has_the_same_logits(self) -> None:
        torch.manual_seed(0)
        network = Network(Shape(widths=(8, 16), blocks=(1, 1), squeeze=(False, True), classes=4))
        images = torch.randn(16, 3, 48, 48)
        network(images)  # Sets the statistics of the norms.
        network.eval()
        with torch.no_grad():
            same = for_inference(network, torch.float32)(images)
            rounded = for_inference(network)(images)
            self.assertLess((same - network(images)).abs().max(), 1e-4)
            self.assertLess((rounded - network(images)).abs().max(), 1e-2)

    def test_mirrored_network_has_the_same_logits_for_an_image_and_its_mirror_image(self) -> None:
        network = Mirrored(
            Network(Shape(widths=(8, 16), blocks=(1, 1), squeeze=(False, True), classes=4)).eval()
        )
        images = torch.randn(2, 3, 32, 32)
        with torch.no_grad():
            self.assertTrue(torch.allclose(network(images), network(images.flip(3)), atol=1e-6))


class Interrupted(Exception):
    pass


class Resume(unittest.TestCase):
    def test_an_interrupted_run_ends_with_the_weights_of_one_that_was_not(self) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            made_up_images.write(folder / "data.tar")
            unpack(folder / "data.tar", folder / "data")
            training.train(TINY, folder / "data", folder / "whole")

            def save_once(state: training.State, path: Path) -> None:
                real_save(state, path)
                raise Interrupted

            real_save = training.save
            with mock.patch.object(training, "save", save_once), self.assertRaises(Interrupted):
                training.train(TINY, folder / "data", folder / "parts")
            training.train(TINY, folder / "data", folder / "parts")
            whole, parts = (
                torch.load(folder / run / "checkpoint.pt")["network"] for run in ("whole", "parts")
            )
            for name, weights in whole.items():
                self.assertTrue(torch.equal(weights, parts[name]), name)
            self.assertEqual(len(load(folder / "data", "train")), 180)


if __name__ == "__main__":
    unittest.main()
