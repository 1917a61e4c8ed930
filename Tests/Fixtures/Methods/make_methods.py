#!/usr/bin/env python3
"""The objective of every training method on one small batch, in torch float64, as an oracle for Elute.

    pip install numpy torch safetensors
    python3 make_methods.py             writes inputs.safetensors, methods.json and expected.safetensors here

Every method is written out below from its definition; the gradients are autograd's, except that the two
steps of JumpReLU have the pseudo-derivatives of its paper. Gradients are those before any projection to
the tangent of the atoms and before any clipping.

inputs.safetensors (float32, exactly what the float64 run starts from), n = 40 latents:
    x [32, 12] rows, y [32, 10] the second site of a transcoder; a crosscoder's sites are x[:, :6] and x[:, 6:]
    W_enc, W_dec [n, 12], W_dec_out [n, 10]: rows of unit length up to float32; W_dec_free [n, 12]: rows of
        other lengths. The role that a tensor has in a case is in the case's `tensors`
    b_enc [n], b_dec [12], b_in_fixed [12] (not trained), b_out [10], W_skip [10, 12]
    threshold [n], b_gate, r_mag, b_mag [n], S [n, n], A_in, A_out [4, 12]
    noise [32, 2k]: the sample of aRIP; of a row's 2k latents the smallest index has the first column
    dead [n]: 1 for the latents that AuxK takes for dead (JSON: rows_since_fired >= dead_after_rows)
    probe.<tensor>: what the gradient of <tensor> is multiplied with

methods.json: `shared` (shapes, k, bandwidth, margins) and `cases`. A term that a case does not have is null there.
    expected.loss            mean over rows of the squared error of the full reconstruction
    expected.prefix_losses   the same of every prefix
    expected.terms           what the objective is the sum of, coefficients included; `reconstruction` is the
                             mean of the prefix losses
    expected.gradients       of every trained tensor the Frobenius norm and the dot product with its probe
    float32                  how far torch's own float32 is from this float64: of the objective relative to it,
                             of every gradient the largest difference relative to the largest entry
expected.safetensors (float64): <case>.z [32, n], <case>.x_hat (the full reconstruction), <case>.grad.<tensor>

A float32 engine can only agree if it makes the same choices, so the seed is the first one for which no
choice is closer than SMALLEST_MARGIN (in units of h) and everything that has to occur does: see `margin`
of each case, and `occurs`, in methods.json. The search takes a minute or two.
"""
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

import numpy as np
import torch
from safetensors.numpy import save_file

D_IN, D_OUT, N, K, ROWS = 12, 10, 40, 3, 32
SITES = (slice(0, 6), slice(6, 12))
BANDWIDTH, ANCHORS, DEAD, DEAD_AFTER = 0.2, 4, 9, 256
SMALLEST_MARGIN = 2e-4


@dataclass
class Case:
    name: str
    activation: str
    architecture: str = "autoencoder"  # or transcoder, skip_transcoder, crosscoder
    tied: bool = False
    decoder: str = "unit"  # or free
    k: int = K
    prefixes: tuple = (N,)
    multistep: Optional[int] = None
    penalty: Optional[dict] = None
    auxk: Optional[dict] = None
    arip: Optional[dict] = None
    anchors: Optional[dict] = None
    tensors: dict = field(init=False)  # role -> name in inputs.safetensors; b_in_fixed alone is not trained

    def __post_init__(self):
        two_sites = "transcoder" in self.architecture
        decoder = "W_dec_out" if two_sites else "W_dec_free" if self.decoder == "free" else "W_dec"
        encoder = decoder if self.tied else "W_enc"
        roles = {"x": "x", "target": "y" if two_sites else "x", "W_enc": encoder, "W_dec": decoder}
        roles |= {"b_in": "b_in_fixed", "b_out": "b_out"} if two_sites else {"b_in": "b_dec", "b_out": "b_dec"}
        if self.activation == "gated":
            roles |= {name: name for name in ("b_gate", "r_mag", "b_mag")}
        else:
            roles |= {"b_enc": "b_enc"}
        if self.activation == "jumprelu":
            roles |= {"threshold": "threshold"}
        if self.multistep:
            roles |= {"S": "S"}
        if self.architecture == "skip_transcoder":
            roles |= {"W_skip": "W_skip"}
        self.tensors = roles

    def trained(self):
        return sorted(set(self.tensors.values()) - {"x", "y", "b_in_fixed"})


def l1(coefficient=0.1):
    return {"kind": "l1", "coefficient": coefficient}


def make_cases():
    l0 = {"kind": "l0", "coefficient": 0.05}
    target = {"kind": "target_l0", "coefficient": 0.7, "target": 4.0}
    power = {"kind": "p_anneal", "coefficient": 0.08, "p": 0.6}
    auxk = {"coefficient": 1 / 32, "k": 6}
    sample, exact = {"coefficient": 0.1, "exact": False}, {"coefficient": 0.1, "exact": True}
    anchors = {"coefficient": 0.3, "count": ANCHORS}
    matryoshka = (8, 20, N)

    plain = [
        Case("relu_l1", "relu", penalty=l1()),
        Case("relu_l1_free", "relu", decoder="free", penalty=l1()),
        Case("relu_p_anneal", "relu", penalty=power),
        Case("jumprelu_l0", "jumprelu", penalty=l0),
        Case("jumprelu_target_l0", "jumprelu", penalty=target),
        Case("topk", "topk"),
        Case("topk_l1", "topk", penalty=l1()),
        Case("abstopk", "abstopk"),
        Case("batchtopk", "batchtopk"),
        Case("gated_l1", "gated", penalty=l1()),
    ]
    nested = [
        Case(c.name + "_matryoshka", c.activation, decoder=c.decoder, penalty=c.penalty, prefixes=matryoshka)
        for c in plain
    ]
    return plain + nested + [
        Case("relu_p_anneal_free", "relu", decoder="free", penalty=power),
        Case("gated_l1_free", "gated", decoder="free", penalty=l1()),
        Case("topk_free", "topk", decoder="free"),
        Case("abstopk_l1_free", "abstopk", decoder="free", penalty=l1()),
        Case("batchtopk_few_positive", "batchtopk", k=24),  # fewer positive h than k * rows
        # AuxK; k_aux 12 is more than there are dead latents, k_aux 2 less than some rows have positive ones
        Case("topk_auxk", "topk", auxk=auxk),
        Case("topk_auxk_few_dead", "topk", auxk=auxk | {"k": 12}),
        Case("batchtopk_auxk", "batchtopk", auxk=auxk),
        Case("batchtopk_auxk_matryoshka", "batchtopk", auxk=auxk, prefixes=matryoshka),
        Case("abstopk_auxk", "abstopk", auxk=auxk),
        Case("relu_l1_auxk", "relu", penalty=l1(), auxk=auxk | {"k": 2}),
        Case("jumprelu_l0_auxk", "jumprelu", penalty=l0, auxk=auxk | {"k": 2}),
        # aRIP and anchors
        Case("topk_arip_sample", "topk", arip=sample),
        Case("abstopk_arip_sample", "abstopk", arip=sample),
        Case("abstopk_arip_exact", "abstopk", arip=exact),
        Case("topk_anchors", "topk", anchors=anchors),
        Case("topk_anchors_tied", "topk", tied=True, anchors=anchors),
        # tied encoders
        Case("topk_tied", "topk", tied=True),
        Case("relu_l1_tied", "relu", tied=True, penalty=l1()),
        Case("gated_l1_tied", "gated", tied=True, penalty=l1()),
        # several steps of encoding
        Case("abstopk_multistep", "abstopk", multistep=3),
        Case("topk_multistep_arip_sample", "topk", multistep=3, arip=sample),
        Case("abstopk_multistep_auxk_arip_exact", "abstopk", multistep=3, auxk=auxk, arip=exact),
        # two sites
        Case("transcoder_topk", "topk", "transcoder"),
        Case("transcoder_relu_l1", "relu", "transcoder", penalty=l1()),
        Case("transcoder_jumprelu_l0", "jumprelu", "transcoder", penalty=l0),
        Case("transcoder_topk_auxk", "topk", "transcoder", auxk=auxk | {"k": 2}),
        Case("skip_transcoder_relu_l1", "relu", "skip_transcoder", penalty=l1()),
        Case("skip_transcoder_topk", "topk", "skip_transcoder"),
        Case("skip_transcoder_batchtopk_matryoshka", "batchtopk", "skip_transcoder", prefixes=matryoshka),
        Case("skip_transcoder_gated_l1", "gated", "skip_transcoder", penalty=l1()),
        # one dictionary for two sites side by side
        Case("crosscoder_relu_l1", "relu", "crosscoder", decoder="free", penalty=l1()),
        Case("crosscoder_relu_l1_unit", "relu", "crosscoder", penalty=l1()),
        Case("crosscoder_batchtopk", "batchtopk", "crosscoder", decoder="free"),
        Case("crosscoder_gated_l1", "gated", "crosscoder", decoder="free", penalty=l1()),
    ]  # fmt: skip


def make_inputs(seed):
    """Rows with 3 of 20 planted directions, an offset and noise. The first two rows lie on the input biases,
    where nearly every h is negative; the dead latents are those whose largest h is smallest, and with a bias
    lowered once more they do not fire under topk."""
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal
    unit = lambda a: a / np.linalg.norm(a, axis=1, keepdims=True)
    directions, image = unit(normal((20, D_IN))), unit(normal((20, D_OUT)))
    codes = np.zeros((ROWS, len(directions)))
    for row in codes:
        row[rng.choice(len(directions), 3, replace=False)] = rng.uniform(0.5, 1.5, 3)
    b_dec, b_in_fixed, b_out = 0.3 * normal(D_IN), 0.3 * normal(D_IN), 0.3 * normal(D_OUT)
    x = codes @ directions + b_dec + 0.1 * normal((ROWS, D_IN))
    x[0], x[1] = b_dec + 0.01 * normal(D_IN), b_in_fixed + 0.01 * normal(D_IN)
    w_enc = unit(normal((N, D_IN)))
    b_enc = -0.05 - 0.1 * np.abs(normal(N))
    b_enc[[3, 17]] = 0.07, 0.11
    dead = np.argsort(((x - b_dec) @ w_enc.T + b_enc).max(0))[:DEAD]
    b_enc[dead] -= 0.03
    inputs = {
        "x": x, "y": codes @ image + b_out + 0.1 * normal((ROWS, D_OUT)),
        "W_enc": w_enc, "W_dec": unit(normal((N, D_IN))), "W_dec_out": unit(normal((N, D_OUT))),
        "W_dec_free": unit(normal((N, D_IN))) * rng.uniform(0.5, 1.6, (N, 1)),
        "b_enc": b_enc, "b_dec": b_dec, "b_in_fixed": b_in_fixed, "b_out": b_out,
        "W_skip": 0.2 * normal((D_OUT, D_IN)), "threshold": rng.uniform(0.12, 0.5, N),
        "b_gate": 0.2 * normal(N), "r_mag": 0.3 * normal(N), "b_mag": 0.2 * normal(N) - 0.1,
        "S": 0.12 * normal((N, N)), "A_in": unit(normal((ANCHORS, D_IN))), "A_out": unit(normal((ANCHORS, D_IN))),
        "noise": normal((ROWS, 2 * K)), "dead": np.isin(np.arange(N), dead),
    }  # fmt: skip
    shapes = {name: np.shape(inputs[name]) for case in CASES for name in case.trained()}
    inputs |= {f"probe.{name}": normal(shape) for name, shape in sorted(shapes.items())}
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in inputs.items()}


# The steps of JumpReLU, with K = 1[|h - theta| < bandwidth / 2] in place of a delta function.


class JumpReLU(torch.autograd.Function):
    """h * 1[h > theta]"""

    @staticmethod
    def forward(ctx, h, theta):
        ctx.save_for_backward(h, theta)
        return h * (h > theta)

    @staticmethod
    def backward(ctx, g):
        h, theta = ctx.saved_tensors
        window = (h - theta).abs() < BANDWIDTH / 2
        return g * (h > theta), -(g * window * theta / BANDWIDTH).sum(0)


class Fires(torch.autograd.Function):
    """1[h > theta]"""

    @staticmethod
    def forward(ctx, h, theta):
        ctx.save_for_backward(h, theta)
        return (h > theta).to(h.dtype)

    @staticmethod
    def backward(ctx, g):
        h, theta = ctx.saved_tensors
        window = (h - theta).abs() < BANDWIDTH / 2
        return None, -(g * window / BANDWIDTH).sum(0)


def largest(scores, count, margins):
    """The `count` largest of each row as a mask; equal scores: lower index first."""
    values, order = torch.sort(scores.detach(), dim=1, descending=True, stable=True)
    if count < scores.shape[1]:
        margins.append((values[:, count - 1] - values[:, count]).min().item())
    return torch.zeros_like(scores, dtype=torch.bool).scatter(1, order[:, :count], True)


def positive(h, margins, among=True):
    """h > 0, for those entries that are asked about."""
    asked = h.detach().abs()[torch.as_tensor(among).expand_as(h)]
    margins.append(asked.min().item() if asked.numel() else float("inf"))
    return (h > 0) & among


def pick(activation, h, k, margins, among=True):
    """Of each row the k largest that are positive; for abstopk the k largest by absolute value."""
    among = torch.as_tensor(among).expand_as(h)
    scores = (h.abs() if activation == "abstopk" else h).masked_fill(~among, -torch.inf)
    chosen = largest(scores, k, margins)
    return h * (chosen if activation == "abstopk" else positive(h, margins, chosen))


def activate(case, h, p, margins):
    if case.activation == "relu":
        return h * positive(h, margins)
    if case.activation == "jumprelu":
        for edge in (-BANDWIDTH / 2, 0, BANDWIDTH / 2):
            margins.append((h - p["threshold"] - edge).detach().abs().min().item())
        return JumpReLU.apply(h, p["threshold"])
    if case.activation == "batchtopk":
        return pick("topk", h.reshape(1, -1), case.k * len(h), margins).reshape(h.shape)
    return pick(case.activation, h, case.k, margins)


def evaluate(case, inputs, dtype=torch.float64):
    """The terms of the objective, and what they were computed from."""
    tensors = {name: torch.tensor(value, dtype=dtype) for name, value in inputs.items()}
    for name in case.trained():
        tensors[name].requires_grad_()
    p = {role: tensors[name] for role, name in case.tensors.items()}
    x, target, w_dec, margins = p["x"], p["target"], p["W_dec"], []

    # Encode.
    u = (x - p["b_in"]) @ p["W_enc"].T
    gate, steps = None, []
    if case.activation == "gated":
        pre = u + p["b_gate"]
        on = positive(pre, margins)
        gate = pre * on
        magnitude = torch.exp(p["r_mag"]) * u + p["b_mag"]
        z = on * (magnitude * positive(magnitude, margins))
        h = None
    else:
        h = u + p["b_enc"]
        z = activate(case, h, p, margins)
        for _ in range((case.multistep or 1) - 1):
            steps.append(z.detach() != 0)
            h = z @ p["S"].T + u + p["b_enc"]
            z = activate(case, h, p, margins)

    # Reconstruct.
    base = p["b_out"] + (x @ p["W_skip"].T if "W_skip" in p else 0)
    x_hats = [base + z[:, :m] @ w_dec[:m] for m in case.prefixes]
    prefix_losses = [((x_hat - target) ** 2).sum(1).mean() for x_hat in x_hats]
    x_hat = x_hats[-1]
    terms = {"reconstruction": sum(prefix_losses) / len(prefix_losses)}

    # What the penalty weighs a code with: the length of its atom where that is free.
    if case.architecture == "crosscoder":
        weight = sum(w_dec[:, site].norm(dim=1) for site in SITES)
    else:
        weight = w_dec.norm(dim=1) if case.decoder == "free" else torch.ones(N, dtype=dtype)

    if case.penalty:
        kind, coefficient = case.penalty["kind"], case.penalty["coefficient"]
        if kind == "l1":
            codes = z if gate is None else gate
            terms["sparsity"] = coefficient * (weight * codes.abs()).sum(1).mean()
        elif kind == "p_anneal":
            active = z != 0
            powers = torch.where(active, z, 1).abs() ** case.penalty["p"] * active
            terms["sparsity"] = coefficient * (weight * powers).sum(1).mean()
        else:
            l0 = Fires.apply(h, p["threshold"]).sum(1).mean()
            terms["sparsity"] = coefficient * (l0 if kind == "l0" else (l0 / case.penalty["target"] - 1) ** 2)
    if gate is not None:
        held = gate @ w_dec.detach() + base.detach()
        terms["gate_reconstruction"] = ((held - target) ** 2).sum(1).mean()
    aux = None
    if case.auxk:
        dead = tensors["dead"] > 0
        k_aux, count = case.auxk["k"], int(dead.sum())
        aux = pick(case.activation, h, min(k_aux, count), margins, among=dead)
        residual = (x_hat - target).detach()
        scale = case.auxk["coefficient"] * min(count / k_aux, 1)
        terms["auxk"] = scale * ((aux @ w_dec + residual) ** 2).sum(1).mean()
    if case.arip:
        chosen = largest(h.abs(), 2 * case.k, margins)
        index = chosen.nonzero()[:, 1].reshape(len(h), 2 * case.k)  # ascending in every row
        atoms = w_dec[index]  # [rows, 2k, d_out]
        if case.arip["exact"]:
            square = (atoms @ atoms.transpose(1, 2)).square().sum((1, 2))
        else:
            mixed = (tensors["noise"][:, :, None] * atoms).sum(1)
            square = (atoms @ mixed[:, :, None]).square().sum((1, 2))
        terms["arip"] = case.arip["coefficient"] * (square / (2 * case.k) - 1).mean()
    if case.anchors:
        away = ((w_dec[:ANCHORS] - tensors["A_out"]) ** 2).sum()
        if not case.tied:
            away = away + ((p["W_enc"][:ANCHORS] - tensors["A_in"]) ** 2).sum()
        terms["anchors"] = case.anchors["coefficient"] * away

    objective = sum(terms.values())
    objective.backward()
    return {
        "z": z.detach(), "x_hat": x_hat.detach(), "h": None if h is None else h.detach(), "aux": aux,
        "gate": gate, "steps": steps, "margin": min(margins), "objective": objective.item(),
        "terms": {name: term.item() for name, term in terms.items()},
        "prefix_losses": [loss.item() for loss in prefix_losses],
        "l0": (z != 0).sum(1).double().mean().item(),
        "gradients": {name: tensors[name].grad for name in case.trained()},
    }  # fmt: skip


def occurrences(results, inputs):
    """How often what the cases are there to judge occurs; none of these may be 0."""
    theta = torch.tensor(inputs["threshold"], dtype=torch.float64)
    above = results["jumprelu_l0"]["h"] - theta
    window = above.abs() < BANDWIDTH / 2
    gated, topk, steps = results["gated_l1"], results["topk"], results["abstopk_multistep"]
    on, dead = gated["gate"] > 0, torch.tensor(inputs["dead"]) > 0
    last = lambda name: results[name]["z"] != 0
    return {
        "jumprelu_in_window_above": int((window & (above > 0)).sum()),
        "jumprelu_in_window_below": int((window & (above < 0)).sum()),
        "jumprelu_latents_with_both": int(((window & (above > 0)).any(0) & (window & (above < 0)).any(0)).sum()),
        "gated_on_and_positive": int((on & (gated["z"] > 0)).sum()),
        "gated_on_and_clipped": int((on & (gated["z"] == 0)).sum()),
        "topk_rows_with_fewer_than_k": int(((topk["z"] != 0).sum(1) < K).sum()),
        "auxk_rows_with_fewer_than_2_positive": int(((topk["h"][:, dead] > 0).sum(1) < 2).sum()),
        "auxk_rows_with_more_than_2_positive": int(((topk["h"][:, dead] > 0).sum(1) > 2).sum()),
        "abstopk_negative_codes": int((results["abstopk"]["z"] < 0).sum()),
        "abstopk_auxk_negative": int((results["abstopk_auxk"]["aux"] < 0).sum()),
        "multistep_rows_that_choose_anew": int((steps["steps"][0] != last("abstopk_multistep")).any(1).sum()),
        "batchtopk_few_positive_missing": ROWS * 24 - int(last("batchtopk_few_positive").sum()),
        "dead_do_not_fire": int(not (last("topk") | last("batchtopk"))[:, dead].any()),
    }  # fmt: skip


def relative(a, b):
    """The largest difference, relative to the largest entry of b."""
    a, b = torch.as_tensor(a).double(), torch.as_tensor(b).double()
    return ((a - b).abs().max() / b.abs().max()).item()


CASES = make_cases()


def main():
    here = Path(__file__).resolve().parent
    torch.set_num_threads(1)
    for seed in range(100_000):
        inputs, results = make_inputs(seed), {}
        for case in CASES:
            results[case.name] = evaluate(case, inputs)
            if results[case.name]["margin"] < SMALLEST_MARGIN:
                break
        else:
            occurs = occurrences(results, inputs)
            print(f"seed {seed}: {occurs}")
            if min(occurs.values()) > 0 and occurs["auxk_rows_with_more_than_2_positive"] > 3:
                break

    table, tensors = [], {}
    for case in CASES:
        r = results[case.name]
        gradients = {}
        for name, g in r["gradients"].items():
            probe = torch.tensor(inputs[f"probe.{name}"], dtype=torch.float64)
            gradients[name] = {"norm": g.norm().item(), "probe": (g * probe).sum().item()}
            tensors[f"{case.name}.grad.{name}"] = g.numpy()
        tensors |= {f"{case.name}.z": r["z"].numpy(), f"{case.name}.x_hat": r["x_hat"].numpy()}
        single = evaluate(case, inputs, torch.float32)
        terms = ("reconstruction", "sparsity", "gate_reconstruction", "auxk", "arip", "anchors")
        table.append({
            "name": case.name, "architecture": case.architecture, "tied": case.tied, "decoder": case.decoder,
            "activation": case.activation, "k": case.k if "topk" in case.activation else None,
            "bandwidth": BANDWIDTH if case.activation == "jumprelu" else None,
            "prefixes": list(case.prefixes), "multistep": case.multistep,
            "sites": [6, 6] if case.architecture == "crosscoder" else None,
            "penalty": case.penalty, "auxk": case.auxk, "arip": case.arip, "anchors": case.anchors,
            "tensors": case.tensors,
            "expected": {
                "loss": r["prefix_losses"][-1], "prefix_losses": r["prefix_losses"], "objective": r["objective"],
                "terms": {name: r["terms"].get(name) for name in terms}, "l0": r["l0"], "gradients": gradients,
            },
            "margin": r["margin"],
            "float32": {
                "same_codes": bool(((single["z"] != 0) == (r["z"] != 0)).all()),
                "objective": relative(single["objective"], r["objective"]),
                "gradients": max(relative(single["gradients"][name], g) for name, g in r["gradients"].items()),
            },
        })  # fmt: skip
        print(f"{case.name:38} objective {r['objective']:.6f} l0 {r['l0']:.3f} margin {r['margin']:.1e}")

    shared = {
        "torch": torch.__version__.split("+")[0], "seed": seed, "d_in": D_IN, "d_out": D_OUT, "d_sae": N, "k": K,
        "rows": ROWS, "bandwidth": BANDWIDTH, "dead_after_rows": DEAD_AFTER,
        "rows_since_fired": [(DEAD_AFTER + i if d else i) for i, d in enumerate(inputs["dead"])],
        "smallest_margin": min(case["margin"] for case in table), "occurs": occurs,
    }  # fmt: skip
    save_file(inputs, here / "inputs.safetensors")
    save_file(tensors, here / "expected.safetensors")
    lines = ",\n".join("  " + json.dumps(case) for case in table)
    (here / "methods.json").write_text(f'{{\n "shared": {json.dumps(shared)},\n "cases": [\n{lines}\n ]\n}}\n')


if __name__ == "__main__":
    main()
