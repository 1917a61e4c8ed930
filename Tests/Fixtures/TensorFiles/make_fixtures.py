"""Writes the fixtures of TensorFiles that come from NumPy, safetensors and PyTorch.

    pip install numpy==2.4.6 safetensors==0.8.0 torch==2.13.0
    python make_fixtures.py

The values are simple enough to be written out in the tests.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

here = Path(__file__).parent


def ramp(*shape, dtype="<f4"):
    """0, 0.5, 1, ... in row-major order; exact in every float type."""
    return (np.arange(np.prod(shape, dtype=int)).reshape(shape) / 2).astype(dtype)


# The writer under test must produce these very bytes.
save_file(
    {
        "b": ramp(2, 3),
        "a": ramp(4),
        "steps": np.array([-1, 2**62], "<i8"),
        "state": np.array([2**64 - 1, 7], "<u8"),
        "wide": np.array([[1 / 3], [-2.5]], "<f8"),
        "scalar": np.array(1.5, "<f4"),
        "empty": np.zeros((0, 3), "<f4"),
        'quote " and é': ramp(1),
    },
    here / "numpy.safetensors",
    metadata={"site": "blocks.8 \"é\"\n"},
)
save_torch(
    {
        "half": torch.tensor([1.5, -0.0, 65504.0, 6e-8, float("inf")], dtype=torch.float16),
        "brain": torch.tensor([[1.5, -2.0], [3.0e38, 1e-40]], dtype=torch.bfloat16),
        "bytes": torch.tensor([0, 255], dtype=torch.uint8),
        "signed": torch.tensor([-128, 127], dtype=torch.int8),
        "short": torch.tensor([-32768], dtype=torch.int16),
        "int": torch.tensor([-5], dtype=torch.int32),
        "flags": torch.tensor([True, False, True]),
        "float8": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
        "complex": torch.tensor([1 + 2j], dtype=torch.complex64),
    },
    here / "torch.safetensors",
)

np.save(here / "c.npy", ramp(3, 4))
np.save(here / "fortran.npy", np.asfortranarray(ramp(3, 4)))
np.save(here / "big_endian.npy", ramp(3, 4, dtype=">f8"))
np.save(here / "big_endian_half.npy", ramp(3, 4, dtype=">f2"))
np.save(here / "half.npy", ramp(3, 4, dtype="<f2"))
np.save(here / "double.npy", ramp(3, 4, dtype="<f8"))
np.save(here / "rank3.npy", ramp(2, 3, 4))
np.save(here / "rank3_fortran.npy", np.asfortranarray(ramp(2, 3, 4)))
np.save(here / "integers.npy", np.array([[-1, 2], [3, 2**40]], "<i8"))
np.save(here / "integers_fortran.npy", np.asfortranarray(np.array([[1, 2], [3, 4], [5, 6]], "<i4")))
np.save(here / "bytes.npy", np.array([0, 127, 255], "|u1"))
np.save(here / "scalar.npy", np.array(2.5, "<f4"))
np.save(here / "bfloat16.npy", (ramp(3, 4).view("<u4") >> 16).astype("<u2"))
np.save(here / "bfloat16_void.npy", (ramp(3, 4).view("<u4") >> 16).astype("<u2").view("|V2"))
np.save(here / "object.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save(here / "structured.npy", np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")]))
np.save(here / "text.npy", np.array(["a", "b"]))
np.save(here / "complex.npy", np.array([1 + 2j]))
for version in [(2, 0), (3, 0)]:
    with open(here / f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, ramp(3, 4), version=version)
