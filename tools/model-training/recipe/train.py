"""Trains the network, with a checkpoint after every epoch from which an interrupted run resumes."""

from __future__ import annotations

import copy
import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.distributed as distributed
import torch.multiprocessing as multiprocessing
import torch.nn.functional as F
from torch import nn

from augment import augment, cut_mix, normalise
from dataset import Images, hold_out, load
from metrics import accuracy
from network import Network, parameter_count
from schedule import cut_mix_chance, image_size, learning_rate
from settings import Settings

# The number of steps after which the workers agree on the progress of the run and the average is updated.
AGREE_EVERY = 8
CHECKPOINT = "checkpoint.pt"


@dataclass
class State:
    """The content of a checkpoint."""

    network: Network
    average: Network
    optimizer: torch.optim.Optimizer
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    best: float = 0.0
    best_weights: dict[str, torch.Tensor] = field(default_factory=dict)


def build(settings: Settings, device: torch.device) -> State:
    torch.manual_seed(settings.seed)
    network = Network(settings.shape).to(device).to(memory_format=torch.channels_last)
    average = copy.deepcopy(network).eval().requires_grad_(False)
    # Only norms and biases have no decay.
    decayed = [weight for weight in network.parameters() if weight.ndim > 1]
    free = [weight for weight in network.parameters() if weight.ndim <= 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": free, "weight_decay": 0.0}],
        lr=settings.peak_learning_rate,
        momentum=settings.momentum,
        nesterov=True,
    )
    return State(network, average, optimizer)


def save(state: State, path: Path) -> None:
    """Replaces the checkpoint atomically."""
    values = {
        "network": state.network.state_dict(),
        "average": state.average.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "epoch": state.epoch,
        "step": state.step,
        "seconds": state.seconds,
        "best": state.best,
        "best_weights": state.best_weights,
    }
    partial = path.with_suffix(".partial")
    torch.save(values, partial)
    os.replace(partial, path)


def resume(state: State, path: Path, device: torch.device) -> None:
    values = torch.load(path, map_location=device)
    state.network.load_state_dict(values["network"])
    state.average.load_state_dict(values["average"])
    state.optimizer.load_state_dict(values["optimizer"])
    state.epoch, state.step, state.seconds = values["epoch"], values["step"], values["seconds"]
    state.best, state.best_weights = values["best"], values["best_weights"]


def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Moves the average of the weights, and of the norms' statistics, towards the current values."""
    with torch.no_grad():
        for mean, now in zip(average.state_dict().values(), network.state_dict().values()):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - decay)
            else:
                mean.copy_(now)


def half_precision(device: torch.device) -> torch.autocast:
    return torch.autocast(device.type, dtype=torch.bfloat16)


def predict(network: nn.Module, images: Images, size: int, device: torch.device) -> torch.Tensor:
    """Returns the logits of whole images, resized to `size`."""
    network.eval()
    logits = []
    with torch.no_grad(), half_precision(device):
        for start in range(0, len(images), 100):
            views = normalise(images.pixels[start : start + 100].to(device))
            if size != views.shape[-1]:
                views = F.interpolate(
                    views, size=(size, size), mode="bicubic", antialias=True, align_corners=False
                )
            logits.append(network(views).float().cpu())
    return torch.cat(logits)


def loss_of(network: nn.Module, settings: Settings, images: Images, progress: float, device: torch.device,
            random: torch.Generator) -> torch.Tensor:  # fmt: skip
    views = augment(settings, images.pixels.to(device), image_size(settings, progress), random)
    classes = images.classes.to(device)
    partner, own = None, 1.0
    if torch.rand(1, generator=random).item() < cut_mix_chance(settings, progress):
        views, partner, own = cut_mix(views, random)
    with half_precision(device):
        logits = network(views)
    logits = logits.float()
    loss = F.cross_entropy(logits, classes, label_smoothing=settings.label_smoothing)
    if partner is not None:
        other = F.cross_entropy(logits, classes[partner.to(device)], label_smoothing=settings.label_smoothing)
        loss = own * loss + (1 - own) * other
    return loss


def work(rank: int, settings: Settings, data: Path, folder: Path, limit: int | None, port: int) -> None:
    """Runs one worker. The first worker also writes the average, the checkpoints and the log."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(1 if settings.workers > 1 else max(1, torch.get_num_threads()))
    shared = settings.workers > 1
    if shared:
        distributed.init_process_group(
            "gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=settings.workers
        )
    images = load(data, "train", limit)
    trained, held = hold_out(images.classes, settings.held_out_per_class, settings.seed)
    held_images = images.part(held)
    state = build(settings, device)
    if (folder / CHECKPOINT).exists():
        resume(state, folder / CHECKPOINT, device)
    network: nn.Module = state.network
    if shared:
        network = nn.parallel.DistributedDataParallel(
            state.network, broadcast_buffers=False, gradient_as_bucket_view=True
        )
    batch = settings.batch_per_worker * settings.workers
    steps_per_epoch = len(trained) // batch
    log = logger(folder / "training-log.txt") if rank == 0 else lambda line: None
    if state.epoch == 0:
        log(f"torch {torch.__version__} on {device}, {settings.workers} workers, {parameter_count(network)} weights, "
            f"{len(trained)} images, {len(held)} held out, {steps_per_epoch} steps an epoch")  # fmt: skip
    else:
        log(f"resumed after epoch {state.epoch}")
    started = time.monotonic() - state.seconds

    def progress_now() -> float:
        if settings.minutes is None:
            return state.step / ((settings.epochs or 1) * steps_per_epoch)
        if not shared:
            return (time.monotonic() - started) / (settings.minutes * 60)
        # All workers use the first worker's clock, because they must use the same learning rate.
        shown = torch.tensor([(time.monotonic() - started) / (settings.minutes * 60)])
        distributed.broadcast(shown, 0)
        return shown.item()

    progress = progress_now()
    while progress < 1:
        # The random choices of an epoch depend only on the seed, the epoch and the worker, so that a resumed run makes
        # the same ones.
        order = torch.randperm(
            len(trained), generator=torch.Generator().manual_seed(settings.seed * 1000 + state.epoch)
        )
        random = torch.Generator().manual_seed((settings.seed * 1000 + state.epoch) * 100 + rank)
        torch.manual_seed((settings.seed * 1000 + state.epoch) * 100 + 50 + rank)
        state.network.train()
        total, done = 0.0, 0
        for number in range(steps_per_epoch):
            if settings.minutes is None or state.step % AGREE_EVERY == 0:
                progress = progress_now()
            if progress >= 1:
                break
            start = number * batch + rank * settings.batch_per_worker
            indices = trained[order[start : start + settings.batch_per_worker].numpy()]
            for group in state.optimizer.param_groups:
                group["lr"] = learning_rate(settings, progress)
            loss = loss_of(network, settings, images.part(indices), progress, device, random)
            state.optimizer.zero_grad(set_to_none=False)
            loss.backward()
            state.optimizer.step()
            state.step += 1
            total, done = total + loss.item(), done + 1
            if rank == 0 and state.step % AGREE_EVERY == 0:
                # With the full decay, an early average would contain too much of the random first weights.
                decay = min(settings.average_decay, state.step / (state.step + 200)) ** AGREE_EVERY
                follow(state.average, state.network, decay)
        state.epoch += 1
        if rank == 0:
            # Training would continue with nan for an hour unnoticed.
            if not torch.isfinite(torch.tensor(total)):
                raise ArithmeticError(f"the loss of epoch {state.epoch} is not a number")
            state.seconds = time.monotonic() - started
            shown = accuracy(predict(state.average, held_images, 64, device), held_images.classes)
            if shown.top1 >= state.best:
                state.best = shown.top1
                state.best_weights = copy.deepcopy(state.average.state_dict())
            log(f"epoch {state.epoch} progress {progress:.3f} size {image_size(settings, progress)} "
                f"loss {total / max(1, done):.3f} held-out top-1 {shown.top1:.4f} top-5 {shown.top5:.4f} "
                f"seconds {state.seconds:.0f}")  # fmt: skip
            save(state, folder / CHECKPOINT)
        progress = progress_now()
    if rank == 0:
        log(f"done after {state.step} steps, best held-out top-1 {state.best:.4f}")
        torch.save(state.best_weights, folder / "best.pt")
    if shared:
        distributed.barrier()
        distributed.destroy_process_group()


def logger(path: Path) -> Callable[[str], None]:
    def log(line: str) -> None:
        print(line, flush=True)
        with path.open("a") as file:
            file.write(line + "\n")

    return log


def note_changes(folder: Path, settings: Settings) -> None:
    """Logs which settings differ from those of the interrupted run."""
    file = folder / "settings.json"
    now = json.loads(settings.to_json())
    if file.exists():
        before = json.loads(file.read_text())
        changes = {
            name: (before.get(name), value) for name, value in now.items() if before.get(name) != value
        }
        if changes:
            described = "; ".join(f"{name} from {old} to {new}" for name, (old, new) in changes.items())
            logger(folder / "training-log.txt")(f"changed: {described}")
    file.write_text(settings.to_json() + "\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def train(settings: Settings, data: Path, folder: Path, limit: int | None = None) -> None:
    """Trains from the start, or from the last checkpoint in `folder`, to the end, and writes best.pt there."""
    folder.mkdir(parents=True, exist_ok=True)
    note_changes(folder, settings)
    load(data, "train", limit)
    arguments = (settings, data, folder, limit, free_port())
    if settings.workers == 1:
        work(0, *arguments)
    else:
        multiprocessing.spawn(work, arguments, settings.workers)
