"""Creates random views of training images, for a whole batch at once: one grid sample applies crop, aspect, flip
and resize, one multiply-add applies colour and normalisation."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from settings import Settings

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def normalise(pixels: torch.Tensor) -> torch.Tensor:
    """Converts uint8 images to the input of the network."""
    mean = torch.tensor(MEAN, device=pixels.device).view(1, 3, 1, 1)
    std = torch.tensor(STD, device=pixels.device).view(1, 3, 1, 1)
    return ((pixels.float() / 255 - mean) / std).contiguous(memory_format=torch.channels_last)


def uniform(count: int, low: float, high: float, random: torch.Generator) -> torch.Tensor:
    return torch.rand(count, generator=random) * (high - low) + low


def crops(settings: Settings, count: int, random: torch.Generator) -> torch.Tensor:
    """Returns affine matrices (count, 2, 3) of random crops, half of them mirrored."""
    area = uniform(count, *settings.crop_area, random)
    aspect = uniform(count, -1, 1, random).mul(torch.log(torch.tensor(settings.crop_aspect))).exp()
    width = (area * aspect).sqrt().clamp(max=1)
    height = (area / aspect).sqrt().clamp(max=1)
    mirror = torch.where(torch.rand(count, generator=random) < 0.5, -1.0, 1.0)
    matrices = torch.zeros(count, 2, 3)
    matrices[:, 0, 0] = width * mirror
    matrices[:, 1, 1] = height
    matrices[:, 0, 2] = uniform(count, -1, 1, random) * (1 - width)
    matrices[:, 1, 2] = uniform(count, -1, 1, random) * (1 - height)
    return matrices


def recolour(settings: Settings, count: int, random: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns factors and offsets (count, 3, 1, 1) that change contrast, brightness and tint a little and normalise
    pixels of 0 to 255."""
    strength = settings.colour
    contrast = uniform(count, 1 - strength, 1 + strength, random).view(-1, 1)
    tint = uniform(count * 3, 1 - strength / 3, 1 + strength / 3, random).view(count, 3)
    brightness = uniform(count, -strength / 2, strength / 2, random).view(-1, 1)
    factor = contrast * tint
    # The contrast changes around middle grey, so that the image does not become darker.
    offset = 0.45 * (1 - factor) + brightness
    mean, std = torch.tensor(MEAN), torch.tensor(STD)
    return (factor / 255 / std)[:, :, None, None], ((offset - mean) / std)[:, :, None, None]


def augment(settings: Settings, pixels: torch.Tensor, size: int, random: torch.Generator) -> torch.Tensor:
    """Returns normalised random views (N, 3, size, size) of uint8 images."""
    count, device = len(pixels), pixels.device
    matrices = crops(settings, count, random).to(device)
    grid = F.affine_grid(matrices, [count, 3, size, size], align_corners=False)
    views = F.grid_sample(
        pixels.float(), grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    factor, offset = recolour(settings, count, random)
    views = views.mul_(factor.to(device)).add_(offset.to(device))
    return views.contiguous(memory_format=torch.channels_last)


def cut_mix(views: torch.Tensor, random: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Replaces the same rectangle of each image by that of another image of the batch. Returns the mixed images, the
    index of each one's other image, and the share of each image that is unchanged."""
    size = views.shape[-1]
    partner = torch.randperm(len(views), generator=random)
    side = torch.rand(1, generator=random).mul(0.75).sqrt().item()
    width = max(1, round(size * side))
    top, left = (int(torch.randint(0, size - width + 1, (1,), generator=random)) for _ in range(2))
    mixed = views.clone(memory_format=torch.preserve_format)
    mixed[:, :, top : top + width, left : left + width] = views[partner.to(views.device)][
        :, :, top : top + width, left : left + width
    ]
    return mixed, partner, 1 - (width / size) ** 2
