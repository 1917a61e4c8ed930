"""overcomplete: its TopKSAE by its own train_sae; loss and optimizer are the user's there."""

import importlib.util
import os
import sys
import types

import torch
from common import Job, stub

# The package's root imports vision models and plotting; overcomplete.sae alone is what trains.
_root = types.ModuleType("overcomplete")
_root.__path__ = [os.path.dirname(importlib.util.find_spec("overcomplete").origin)]
sys.modules["overcomplete"] = _root
stub("PIL", "PIL.Image", "cv2", "timm", "torchvision", "skimage", "matplotlib")
from overcomplete.sae import TopKSAE  # noqa: E402
from overcomplete.sae.train import train_sae  # noqa: E402

PACKAGES = ["overcomplete", "torch"]


def squared_error(x, x_hat, pre_codes, codes, dictionary):
    return (x - x_hat).square().sum(-1).mean()


class Trainer:
    def __init__(self, job: Job):
        self.sae = TopKSAE(job.d_in, nb_concepts=job.d_sae, top_k=job.k, device="cpu")
        self.optimizer = torch.optim.Adam(self.sae.parameters(), lr=job.rate or 3e-4)
        self.clip = None if job.plain else 1.0
        if job.wants("compile"):
            self.sae.encode = torch.compile(self.sae.encode)

    def step(self, x: torch.Tensor) -> None:
        train_sae(
            self.sae, [x], squared_error, self.optimizer, nb_epochs=1, clip_grad=self.clip,
            monitoring=0, device="cpu")

    @torch.no_grad()
    def load(self, weights) -> None:
        # It has no output bias: the rows of the comparison are centered, and x - b_dec goes into b_enc.
        linear = self.sae.encoder.final_block[0]
        linear.weight.copy_(weights["W_enc"].T)
        linear.bias.copy_(weights["b_enc"] - weights["b_dec"] @ weights["W_enc"])
        self.sae.dictionary._weights.copy_(weights["W_dec"])

    @torch.no_grad()
    def reconstruct(self, x: torch.Tensor) -> torch.Tensor:
        return self.sae(x)[2]
