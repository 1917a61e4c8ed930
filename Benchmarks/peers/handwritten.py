"""The fastest TopK step that we could write in PyTorch: the same work as Elute's, without autograd.

Decoding gathers k rows (embedding_bag), both weight gradients are products of a sparse matrix with the
rows (or dense ones, the variant "dense", which wins where there are few latents), Adam is the fused one,
atoms stay at unit length with the tangent gradient. With "bf16" the product that chooses the latents is
in bfloat16, so that the chosen ones are not always the largest k: not exact. "groups" is another exact way
to choose.
"""

import torch
import torch.nn.functional as F
from common import Job, unit_rows

PACKAGES = ["torch"]


class Trainer:
    def __init__(self, job: Job):
        self.job = job
        decoder = unit_rows(job.d_sae, job.d_in)
        self.encoder, self.decoder = decoder.clone(), decoder
        self.encoder_bias, self.decoder_bias = torch.zeros(job.d_sae), torch.zeros(job.d_in)
        self.weights = [self.encoder, self.decoder, self.encoder_bias, self.decoder_bias]
        self.optimizer = torch.optim.Adam(self.weights, lr=job.rate or 3e-4, fused=True)
        self.scores = torch.empty(
            job.batch, job.d_sae, dtype=torch.bfloat16 if job.wants("bf16") else torch.float32)
        self.codes = torch.zeros(job.batch, job.d_sae) if job.wants("dense") else None
        self.largest_gradient = 0.0

    def choose(self, centered: torch.Tensor):
        if self.job.wants("bf16"):
            torch.mm(centered.bfloat16(), self.encoder.bfloat16().T, out=self.scores)
            self.scores.add_(self.encoder_bias.bfloat16())
        else:
            torch.addmm(self.encoder_bias, centered, self.encoder.T, out=self.scores)
        values, indices = self.largest(self.scores)
        return values.float().relu_(), indices

    def largest(self, scores: torch.Tensor):
        """The k largest of each row; with "groups" by way of the groups of 16 scores whose largest are
        the k largest, in which all of the k largest scores lie."""
        k = self.job.k
        if not self.job.wants("groups"):
            return scores.topk(k, dim=-1, sorted=False)
        groups = scores.unflatten(-1, (-1, 16))
        chosen = groups.amax(-1).topk(k, dim=-1, sorted=False).indices
        candidates = groups.gather(1, chosen.unsqueeze(-1).expand(-1, -1, 16)).flatten(1)
        values, places = candidates.topk(k, dim=-1, sorted=False)
        return values, chosen.gather(1, places // 16) * 16 + places % 16

    @torch.no_grad()
    def step(self, x: torch.Tensor) -> None:
        centered = x - self.decoder_bias
        values, indices = self.choose(centered)
        output = F.embedding_bag(indices, self.decoder, per_sample_weights=values, mode="sum")
        gradient = output.add_(self.decoder_bias).sub_(x).mul_(2 / len(x))
        backward = self.dense_gradients if self.codes is not None else self.sparse_gradients
        backward(centered, gradient, values, indices)
        self.decoder_bias.grad = gradient.sum(0) - self.encoder_bias.grad @ self.encoder
        parallel = (self.decoder.grad * self.decoder).sum(1, keepdim=True)
        self.decoder.grad.addcmul_(parallel, self.decoder, value=-1)
        if self.job.plain:
            norm = sum(w.grad.square().sum() for w in self.weights).sqrt().item()
            self.largest_gradient = max(self.largest_gradient, norm)
        self.optimizer.step()
        self.decoder.div_(self.decoder.norm(dim=1, keepdim=True))

    def sparse_gradients(self, centered, gradient, values, indices) -> None:
        rows, (latents, k) = len(centered), (self.job.d_sae, self.job.k)
        code_gradients = torch.bmm(self.decoder[indices], gradient.unsqueeze(2)).squeeze(2)
        code_gradients *= values > 0
        flat = indices.flatten()
        order = torch.argsort(flat)
        columns = order // k
        starts = torch.zeros(latents + 1, dtype=torch.int64)
        torch.cumsum(torch.bincount(flat, minlength=latents), 0, out=starts[1:])

        def product(coefficients, right):
            size = (latents, rows)
            return torch.sparse_csr_tensor(
                starts, columns, coefficients.flatten()[order], size, check_invariants=False
            ) @ right

        self.decoder.grad = product(values, gradient)
        self.encoder.grad = product(code_gradients, centered)
        self.encoder_bias.grad = torch.zeros(latents).index_add_(0, flat, code_gradients.flatten())

    def dense_gradients(self, centered, gradient, values, indices) -> None:
        codes = self.codes.zero_().scatter_(1, indices, values)
        self.decoder.grad = codes.T @ gradient
        code_gradients = (gradient @ self.decoder.T).mul_(codes > 0)
        self.encoder.grad = code_gradients.T @ centered
        self.encoder_bias.grad = code_gradients.sum(0)

    @torch.no_grad()
    def load(self, weights) -> None:
        self.encoder.copy_(weights["W_enc"].T)
        self.decoder.copy_(weights["W_dec"])
        self.encoder_bias.copy_(weights["b_enc"])
        self.decoder_bias.copy_(weights["b_dec"])

    @torch.no_grad()
    def reconstruct(self, x: torch.Tensor) -> torch.Tensor:
        scores = F.linear(x - self.decoder_bias, self.encoder, self.encoder_bias)
        values, indices = scores.topk(self.job.k, dim=-1)
        return F.embedding_bag(
            indices, self.decoder, per_sample_weights=values.relu(), mode="sum") + self.decoder_bias
