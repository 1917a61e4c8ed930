"""SAELens: its TopK training SAE, stepped by its own SAETrainer."""

import torch
from common import Job
from sae_lens.config import SAETrainerConfig
from sae_lens.saes.topk_sae import TopKTrainingSAE, TopKTrainingSAEConfig
from sae_lens.training.sae_trainer import SAETrainer

PACKAGES = ["sae-lens", "torch"]


class Trainer:
    def __init__(self, job: Job):
        # Plain: the auxiliary loss off. The clipping at norm 1 cannot be turned off, nor can the
        # decoder's rows be kept at unit length (scores are multiplied by their lengths instead).
        options = {"aux_loss_coefficient": 0.0} if job.plain else {}
        self.sae = TopKTrainingSAE(
            TopKTrainingSAEConfig(
                d_in=job.d_in, d_sae=job.d_sae, k=job.k, device="cpu",
                use_sparse_activations=job.wants("sparse"), **options))
        rate = job.rate or 3e-4
        steps = 1_000_000
        self.trainer = SAETrainer(
            SAETrainerConfig(
                total_training_samples=job.batch * steps, train_batch_size_samples=job.batch,
                lr=rate, lr_end=rate / 10, autocast=job.wants("autocast")),
            self.sae, iter([]))
        if job.wants("compile"):  # as the library's option compile_sae does
            self.sae.training_forward_pass = torch.compile(self.sae.training_forward_pass)

    def step(self, x: torch.Tensor) -> None:
        self.trainer.step(x)
        self.trainer.n_training_steps += 1

    @torch.no_grad()
    def load(self, weights) -> None:
        self.sae.W_enc.copy_(weights["W_enc"])
        self.sae.W_dec.copy_(weights["W_dec"])
        self.sae.b_enc.copy_(weights["b_enc"])
        self.sae.b_dec.copy_(weights["b_dec"])

    @torch.no_grad()
    def reconstruct(self, x: torch.Tensor) -> torch.Tensor:
        return self.sae(x)
