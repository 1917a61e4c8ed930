"""sparsify (eai-sparsify): its SparseCoder. The library's own loop runs only inside a language model;
a step here makes the same calls in the same order as Trainer.fit does with the loss "fvu"."""

import contextlib
import os

import torch
from common import Job

with open(os.devnull, "w") as quiet, contextlib.redirect_stdout(quiet):
    from sparsify.sign_sgd import SignSGD
    from sparsify.sparse_coder import SparseCoder, SparseCoderConfig

PACKAGES = ["eai-sparsify", "schedulefree", "torch"]


class Trainer:
    def __init__(self, job: Job):
        self.coder = SparseCoder(
            job.d_in, SparseCoderConfig(num_latents=job.d_sae, k=job.k), device="cpu",
            dtype=torch.float32)
        scale = (job.d_sae / 2**14) ** 0.5
        if job.wants("signum"):  # the library's default optimizer
            from schedulefree import ScheduleFreeWrapper

            self.optimizer = ScheduleFreeWrapper(
                SignSGD([dict(params=self.coder.parameters(), lr=job.rate or 5e-3 / scale)]),
                momentum=0.95)
            self.optimizer.train()
        else:
            self.optimizer = torch.optim.Adam(self.coder.parameters(), lr=job.rate or 2e-4 / scale)
        self.forward = torch.compile(self.coder) if job.wants("compile") else self.coder
        self.since_fired = torch.zeros(job.d_sae, dtype=torch.long)
        self.fired = torch.zeros(job.d_sae, dtype=torch.bool)
        self.first = True

    def step(self, x: torch.Tensor) -> None:
        if self.first:
            self.coder.b_dec.data = x.mean(0)
            self.first = False
        self.coder.set_decoder_norm_to_unit_norm()
        out = self.forward(x=x, y=x, total_variance=(x - x.mean(0)).pow(2).sum())
        self.fired[out.latent_indices.flatten()] = True
        float(out.fvu.detach())
        out.fvu.backward()
        self.coder.remove_gradient_parallel_to_decoder_directions()
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.since_fired += len(x)
        self.since_fired[self.fired] = 0
        self.fired.zero_()

    @torch.no_grad()
    def load(self, weights) -> None:
        self.coder.encoder.weight.copy_(weights["W_enc"].T)
        self.coder.W_dec.copy_(weights["W_dec"])
        self.coder.encoder.bias.copy_(weights["b_enc"])
        self.coder.b_dec.copy_(weights["b_dec"])
        self.first = False

    @torch.no_grad()
    def reconstruct(self, x: torch.Tensor) -> torch.Tensor:
        averaging = hasattr(self.optimizer, "eval")
        if averaging:
            self.optimizer.eval()  # schedule-free: what it would save are the averaged weights
        out = self.coder(x).sae_out
        if averaging:
            self.optimizer.train()
        return out
