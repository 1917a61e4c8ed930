#!/usr/bin/env python3
"""Fifty training steps of a small TopK autoencoder in torch float64, as an oracle for Elute's engines.

    pip install numpy torch safetensors
    python3 make_reference.py            writes inputs.safetensors, final.safetensors and reference.json here

The gradients are autograd's; the selection, AuxK, Adam, the projection and the unit norm are written out
below, so that the whole rule can be read on one page. Two cases from the same weights and batches:

    A   no AuxK, constant learning rate
    B   AuxK and a linear warm-up

inputs.safetensors (float32, exactly what the float64 run starts from):
    W_enc, W_dec [d_sae, d_in] (tied; rows of unit length up to float32), b_enc [d_sae], b_dec [d_in]
    batches [steps * batch_rows, d_in]: step t trains on rows t * batch_rows ..< (t + 1) * batch_rows
final.safetensors (float64): A.W_enc, ... B.b_dec, the weights after the last step
reference.json: the settings; per case and step the loss (squared error, without AuxK), the AuxK term that
    was added to it for the gradient (`aux_loss`, coefficient and scale included), and how many latents
    were dead when the step began (`dead`)

A float32 engine can only agree if it chooses the same latents, so the seed is the first one for which no
choice is close: see `margins` in reference.json. There torch's own float32 stays within 1.2e-7 of these
losses, while leaving out any one rule moves some loss by 4e-3 or more (Adam's epsilon inside the bias
correction: by 7e-6), so 1e-6 is a tolerance that judges. Not covered: a chosen score that is negative.
"""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

D_IN, D_SAE, K, ROWS, STEPS = 24, 96, 4, 64, 50
LEARNING_RATE, BETA1, BETA2, EPSILON = 2e-3, 0.9, 0.999, 1e-8
SMALLEST_MARGIN = 2e-5
NAMES = ("W_enc", "W_dec", "b_enc", "b_dec")


@dataclass
class Case:
    warmup_steps: int  # 0: none
    auxk_coefficient: float  # 0: no AuxK
    k_aux: int
    dead_after_rows: int


CASES = {
    "A": Case(warmup_steps=0, auxk_coefficient=0.0, k_aux=0, dead_after_rows=256),
    "B": Case(warmup_steps=10, auxk_coefficient=1 / 32, k_aux=4, dead_after_rows=256),
}


def make_inputs(seed):
    """Rows with 3 of 40 planted directions, an offset and a little noise; tied random unit rows."""
    rng = np.random.default_rng(seed)
    unit = lambda a: a / np.linalg.norm(a, axis=1, keepdims=True)
    directions = unit(rng.standard_normal((40, D_IN)))
    offset = 0.3 * rng.standard_normal(D_IN)
    count = STEPS * ROWS
    codes = np.zeros((count, len(directions)))
    for row in codes:
        row[rng.choice(len(directions), 3, replace=False)] = rng.uniform(0.5, 1.5, 3)
    batches = codes @ directions + offset + 0.05 * rng.standard_normal((count, D_IN))
    atoms = unit(rng.standard_normal((D_SAE, D_IN))).astype(np.float32)
    return {
        "W_enc": atoms,
        "W_dec": atoms.copy(),
        "b_enc": (0.02 * rng.standard_normal(D_SAE)).astype(np.float32),
        "b_dec": (offset + 0.1 * rng.standard_normal(D_IN)).astype(np.float32),
        "batches": batches.astype(np.float32),
    }


def top(h, k):
    """The k largest of each row as a 0/1 mask (equal scores: lower index first), and the margin:
    the smallest relative gap between the last chosen and the first refused, and between a chosen
    score and the zero of the ReLU that follows."""
    values, order = torch.sort(h.detach(), dim=1, descending=True, stable=True)
    mask = torch.zeros_like(h).scatter(1, order[:, :k], 1.0)
    largest = values[:, :1].abs()
    margin = (values[:, :k].abs() / largest).min().item()
    refused = values[:, k : k + 1]
    if refused.numel() and torch.isfinite(refused).all():
        gap = (values[:, k - 1 : k] - refused) / values[:, k - 1 : k].abs()
        margin = min(margin, gap.min().item())
    return mask, margin


def train(case, inputs, dtype):
    p = {name: torch.tensor(inputs[name], dtype=dtype, requires_grad=True) for name in NAMES}
    m = {name: torch.zeros_like(p[name]) for name in NAMES}
    v = {name: torch.zeros_like(p[name]) for name in NAMES}
    batches = torch.tensor(inputs["batches"], dtype=dtype).reshape(STEPS, ROWS, D_IN)
    rows_since_fired = torch.zeros(D_SAE, dtype=torch.int64)
    record = {"loss": [], "aux_loss": [], "dead": []}
    margin, chosen = float("inf"), []

    for step, x in enumerate(batches):
        # Forward. b_dec enters twice, so it has two gradients.
        h = (x - p["b_dec"]) @ p["W_enc"].T + p["b_enc"]
        mask, gap = top(h, K)
        margin = min(margin, gap)
        z = torch.relu(h * mask)
        reconstruction = z @ p["W_dec"] + p["b_dec"]
        loss = ((reconstruction - x) ** 2).sum(1).mean()

        # AuxK: the dead latents explain what is left; the residual itself is a constant. The gradient
        # flows through h, and so into b_dec too.
        dead = rows_since_fired >= case.dead_after_rows
        dead_count = int(dead.sum())
        aux_loss, aux_mask = torch.zeros((), dtype=dtype), torch.zeros_like(mask)
        if case.auxk_coefficient > 0 and dead_count > 0:
            residual = (x - reconstruction).detach()
            aux_mask, gap = top(h.masked_fill(~dead, -torch.inf), min(case.k_aux, dead_count))
            margin = min(margin, gap)
            aux_reconstruction = torch.relu(h * aux_mask) @ p["W_dec"]
            scale = min(dead_count / case.k_aux, 1.0)
            aux_loss = case.auxk_coefficient * scale * ((aux_reconstruction - residual) ** 2).sum(1).mean()

        (loss + aux_loss).backward()
        record["loss"].append(loss.item())
        record["aux_loss"].append(aux_loss.item())
        record["dead"].append(dead_count)
        chosen.append((mask.bool(), aux_mask.bool()))

        with torch.no_grad():
            # Tangent projection, Adam, unit rows.
            w = p["W_dec"]
            w.grad -= (w.grad * w).sum(1, keepdim=True) * w
            warm = min(1.0, (step + 1) / case.warmup_steps) if case.warmup_steps else 1.0
            t = step + 1
            for name in NAMES:
                g = p[name].grad
                m[name] = BETA1 * m[name] + (1 - BETA1) * g
                v[name] = BETA2 * v[name] + (1 - BETA2) * g * g
                denominator = v[name].sqrt() / (1 - BETA2**t) ** 0.5 + EPSILON
                p[name] -= LEARNING_RATE * warm / (1 - BETA1**t) * m[name] / denominator
                p[name].grad = None
            w /= w.norm(dim=1, keepdim=True)
            fired = (z > 0).any(0)
            rows_since_fired = torch.where(fired, 0, rows_since_fired + ROWS)

    return record, {name: p[name].detach().numpy() for name in NAMES}, margin, chosen


def main():
    here = Path(__file__).resolve().parent
    torch.set_num_threads(1)
    for seed in range(1000):
        inputs = make_inputs(seed)
        runs = {name: train(case, inputs, torch.float64) for name, case in CASES.items()}
        margin = min(run[2] for run in runs.values())
        print(f"seed {seed}: smallest relative margin {margin:.2e}")
        if margin > SMALLEST_MARGIN:
            break

    cases, final, margins = {}, {}, {}
    for name, (record, weights, margin, chosen) in runs.items():
        single, _, _, chosen32 = train(CASES[name], inputs, torch.float32)
        same = all(torch.equal(a, b) for pair in zip(chosen, chosen32) for a, b in zip(*pair))
        apart = max(abs(a - b) / b for a, b in zip(single["loss"], record["loss"]))
        print(f"case {name}: loss {record['loss'][0]:.6f} -> {record['loss'][-1]:.6f}, dead {record['dead']}")
        print(f"case {name}: margin {margin:.2e}; torch float32: same latents {same}, losses apart by {apart:.1e}")
        cases[name] = {**CASES[name].__dict__, **record}
        margins[name] = {"smallest": margin, "float32_same_latents": same, "float32_largest_relative_difference": apart}
        final |= {f"{name}.{key}": value for key, value in weights.items()}

    reference = {
        "torch": torch.__version__.split("+")[0], "seed": seed, "d_in": D_IN, "d_sae": D_SAE, "k": K,
        "batch_rows": ROWS, "steps": STEPS, "learning_rate": LEARNING_RATE, "beta1": BETA1, "beta2": BETA2,
        "epsilon": EPSILON, "cases": cases, "margins": margins,
    }  # fmt: skip
    save_file(inputs, here / "inputs.safetensors")
    save_file(final, here / "final.safetensors")
    # Python writes the shortest decimal that reads back as the same float64: 17 digits where needed.
    (here / "reference.json").write_text(json.dumps(reference, indent=1) + "\n")


if __name__ == "__main__":
    main()
