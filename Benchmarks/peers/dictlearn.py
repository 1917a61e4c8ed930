"""dictionary_learning: its TopKTrainer."""

import torch
from common import Job, stub

# Its root imports a language-model tracer, a plotting tool and loggers; a training step needs none.
stub("nnsight", "umap", "circuitsvis", "zstandard", "wandb")
from dictionary_learning.trainers.top_k import TopKTrainer  # noqa: E402

PACKAGES = ["dictionary-learning", "torch"]


class Trainer:
    def __init__(self, job: Job):
        steps = 1_000_000
        # Plain: warm-up as short as it can be told (0), the auxiliary loss off. The clipping at norm 1
        # cannot be turned off.
        options = {"auxk_alpha": 0.0} if job.plain else {}
        warmup = 0 if job.plain or job.rate else 1000
        self.trainer = TopKTrainer(
            steps=steps, activation_dim=job.d_in, dict_size=job.d_sae, k=job.k, layer=0,
            lm_name="none", device="cpu", warmup_steps=warmup, lr=job.rate, **options)
        self.done = 0
        if job.wants("compile"):
            self.trainer.ae.encode = torch.compile(self.trainer.ae.encode)

    def step(self, x: torch.Tensor) -> None:
        self.trainer.update(self.done, x)
        self.done += 1

    @torch.no_grad()
    def load(self, weights) -> None:
        ae = self.trainer.ae
        ae.encoder.weight.copy_(weights["W_enc"].T)
        ae.decoder.weight.copy_(weights["W_dec"].T)
        ae.encoder.bias.copy_(weights["b_enc"])
        ae.b_dec.copy_(weights["b_dec"])
        self.done = 1  # step 0 would replace b_dec by the median of its first batch

    @torch.no_grad()
    def reconstruct(self, x: torch.Tensor) -> torch.Tensor:
        return self.trainer.ae(x)
