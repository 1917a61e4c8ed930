"""What every peer's file shares: the shape, and what a trainer has to offer the worker."""

import sys
import types
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Job:
    """What to train. `plain` asks for the settings that every trainer can have: Adam at a constant
    rate, no auxiliary loss, no clipping where it can be turned off."""

    d_in: int
    d_sae: int
    k: int
    batch: int
    variant: str = ""
    plain: bool = False
    rate: float | None = None

    def wants(self, word: str) -> bool:
        return word in self.variant.split("+")


def stub(*names: str) -> None:
    """Stands in for packages that a library imports at its root and never uses for a training step."""
    for name in names:
        module = types.ModuleType(name)
        module.__path__ = []
        module.__getattr__ = _missing
        sys.modules[name] = module


def _missing(name: str):
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (), {})


def unit_rows(rows: int, columns: int) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.randn(rows, columns), dim=1)
