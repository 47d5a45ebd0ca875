"""Writes the manifest, which tells the product how to run the model."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from augment import MEAN, STD


def write_manifest(folder: Path, name: str, version: str, size: int, temperature: float) -> None:
    manifest = {
        "format": 1,
        "name": name,
        "version": version,
        "file": "model.onnx",
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "labels": "labels.txt",
        "input": {
            "width": size,
            "height": size,
            "layout": "NCHW",
            "channels": "RGB",
            "resize": {"mode": "shorter-side", "size": size, "kernel": "linear"},
            "crop": "center",
            "scale": 1 / 255,
            "mean": MEAN,
            "std": STD,
        },
        "output": {"kind": "logits", "temperature": temperature},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
