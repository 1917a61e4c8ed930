#!/usr/bin/env python3
"""The weights and rows of make_methods.py through the training classes of other packages, and how far they are from it.

    pip install sae-lens==6.54.12 eai-sparsify==1.3.3 einops
    pip install --no-deps dictionary-learning==0.1.0
    python3 make_foreign.py             writes foreign.json and foreign.safetensors here

No test needs this script. dictionary-learning wants nnsight, for its buffer alone, which is left out here.
A package that is not installed is passed over, and named under `missing`.

foreign.json: `versions`, `missing` and `runs`. A run is one training class (or, where a package has none,
the inference class) in float64 with the weights of one case of methods.json:
    losses        what the package reports; `loss` is what it would call backward() on
    objective, gradients, z, x_hat      the largest difference from the case, relative to the largest entry;
                  a gradient is null where the package has no such tensor
    agrees        those of the above that are within 1e-9
    deviation     for a run that does not agree: a row of README.md
    explained     the largest difference, objective and gradients, from our own terms changed as `deviation` says
foreign.safetensors (float32): <run>.z [32, 40] and <run>.x_hat of SAELens, once per class. The others' are the
    cases' own to 1e-9 and are not repeated.
"""
import contextlib
import importlib
import importlib.metadata
import importlib.util
import io
import json
import sys
import types
import warnings
from pathlib import Path

import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from make_methods import BANDWIDTH, CASES, D_IN, D_OUT, DEAD_AFTER, K, N, ROWS
from make_methods import Fires, activate, evaluate, largest, relative

HERE = Path(__file__).resolve().parent
INPUTS = load_file(HERE / "inputs.safetensors")
T = {name: torch.tensor(value, dtype=torch.float64) for name, value in INPUTS.items()}
BY_NAME = {case.name: case for case in CASES}
X, DEAD_MASK = T["x"], T["dead"] > 0
MATRYOSHKA = (8, 20, N)


class Ours:
    """The forward pass of a case on leaves of its own, so that a term can be written as a package has it."""

    def __init__(self, name):
        self.case = case = BY_NAME[name]
        self.leaves = {name: T[name].clone().requires_grad_() for name in case.trained()}
        p = self.p = {role: self.leaves.get(name, T[name]) for role, name in case.tensors.items()}
        self.w = p["W_dec"]
        self.norm = self.w.norm(dim=1)
        u = (p["x"] - p["b_in"]) @ p["W_enc"].T
        if case.activation == "gated":
            self.pre = u + p["b_gate"]
            self.gate = torch.relu(self.pre)
            self.z = (self.pre > 0) * torch.relu(torch.exp(p["r_mag"]) * u + p["b_mag"])
        else:
            self.h = u + p["b_enc"]
            self.z = activate(case, self.h, p, [])
        self.x_hats = [p["b_out"] + self.z[:, :m] @ self.w[:m] for m in case.prefixes]
        self.losses = [((x_hat - p["target"]) ** 2).sum(1).mean() for x_hat in self.x_hats]
        self.mse = self.losses[-1]

    def aux(self, k_aux, rectified=True, through=True):
        """Squared error of the dead latents' reconstruction of the residual, unscaled."""
        residual = (self.p["target"] - self.x_hats[-1]).detach()
        h = self.h if through else self.h.detach()
        scores = torch.relu(h) if rectified else h
        y = scores * largest(scores.masked_fill(~DEAD_MASK, -torch.inf), min(k_aux, int(DEAD_MASK.sum())), [])
        return ((y @ self.w - residual) ** 2).sum(1).mean()

    def variance(self, of):
        return ((of - of.mean(0)) ** 2).sum(1).mean().detach()


RUNS, MISSING, TENSORS = [], {}, {}


def run(name, case, z, x_hat, losses, gradients, deviation=None, explain=None):
    """Compares what a package computed with the case, and with `explain(Ours)`, its objective in our words."""
    expected = evaluate(BY_NAME[case], INPUTS)
    difference = {"z": relative(z.detach(), expected["z"]), "x_hat": relative(x_hat.detach(), expected["x_hat"])}
    if "loss" in losses:
        difference["objective"] = relative(losses["loss"], expected["objective"])
        for tensor, g in expected["gradients"].items():
            theirs = gradients.get(tensor)
            difference[f"gradients.{tensor}"] = None if theirs is None else relative(theirs, g)
    agrees = sorted(key for key, value in difference.items() if value is not None and value < 1e-9)
    record = {
        "run": name, "case": case, "losses": {key: float(value) for key, value in losses.items()},
        "difference": difference, "agrees": agrees, "deviation": deviation, "explained": None,
    }  # fmt: skip
    if explain:
        ours = Ours(case)
        objective = explain(ours)
        objective.backward()
        record["explained"] = {"objective": relative(losses["loss"], objective.item())} | {
            f"gradients.{tensor}": relative(g, ours.leaves[tensor].grad)
            for tensor, g in gradients.items()
            if g is not None
        }
    RUNS.append(record)
    if name.startswith("sae_lens.") and name.count(".") == 1:
        TENSORS[f"{name}.z"], TENSORS[f"{name}.x_hat"] = z.detach().float(), x_hat.detach().float()
    off = {key: f"{value:.1e}" for key, value in difference.items() if value is not None and key not in agrees}
    print(f"{name} vs {case}: off {off}")
    if explain:
        print(f"    explained to {max(record['explained'].values()):.1e}")


def installed(title, module):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            importlib.import_module(module)
    except ImportError as error:
        MISSING[title] = str(error)
        print(f"{title}: {error}")
    return title not in MISSING


def copy(parameter, value):
    """Gives a module's parameter our values, in float64."""
    parameter.data = value.clone().double()


# SAELens


def saelens():
    if not installed("sae-lens", "sae_lens"):
        return
    from sae_lens.registry import get_sae_class, get_sae_training_class
    from sae_lens.saes.sae import TrainStepInput

    def build(architecture, free=False, training=True, **settings):
        cls, config = (get_sae_training_class if training else get_sae_class)(architecture)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sae = cls(config(d_in=D_IN, d_sae=N, dtype="float64", **settings))
        copy(sae.W_enc, T["W_enc"].T)
        copy(sae.W_dec, T["W_dec_free" if free else "W_dec"])
        copy(sae.b_dec, T["b_dec"])
        for name in ("b_enc", "b_gate", "r_mag", "b_mag", "threshold"):
            if isinstance(getattr(sae, name, None), torch.nn.Parameter):
                copy(getattr(sae, name), T[name])
        return sae

    def train(architecture, case, settings=None, coefficients=None, dead=False, free=False, label="", **more):
        sae = build(architecture, free, **(settings or {}))
        step = TrainStepInput(X, coefficients or {}, DEAD_MASK if dead else None, 0, False)
        out = sae.training_forward_pass(step)
        out.loss.backward()
        decoder = "W_dec_free" if free else "W_dec"
        gradients = {name: getattr(sae, name).grad for name in BY_NAME[case].trained() if hasattr(sae, name)}
        gradients |= {"W_enc": sae.W_enc.grad.T, decoder: sae.W_dec.grad}
        losses = {name: value.item() for name, value in out.losses.items()} | {"loss": out.loss.item()}
        run(f"sae_lens.{architecture}{label}", case, out.feature_acts, out.sae_out, losses, gradients, **more)

    l1, bandwidth = {"l1": 0.1}, {"jumprelu_bandwidth": BANDWIDTH}
    top = {"k": K, "rescale_acts_by_decoder_norm": False}
    top_aux = top | {"aux_loss_coefficient": 1 / 32}
    widths = {"matryoshka_widths": list(MATRYOSHKA)}
    quadratic = bandwidth | {"jumprelu_sparsity_loss_mode": "quadratic", "target_l0": 4.0}

    def raw_aux(o):
        return o.aux(6, rectified=False) / 32

    def squared_by_row(o):
        return (2 / 4.0 * (Fires.apply(o.h, o.p["threshold"]).sum(1) - 4.0) ** 2).mean()

    def gate_not_held(o):
        return ((o.gate @ o.w + o.p["b_out"] - X) ** 2).sum(1).mean()

    train("standard", "relu_l1_free", None, l1, free=True)
    train("standard", "relu_l1", None, l1, label=".unit",
          deviation="S1", explain=lambda o: o.mse + 0.1 * (o.norm * o.z).sum(1).mean())
    train("standard", "relu_p_anneal_free", {"lp_norm": 0.6}, {"l1": 0.08}, free=True, label=".lp_norm",
          deviation="S2", explain=lambda o: o.mse + 0.08 * rooted(o.norm * o.z, 0.6).mean())
    train("jumprelu", "jumprelu_l0", bandwidth, {"l0": 0.05})
    train("jumprelu", "jumprelu_target_l0", quadratic, {"l0": 0.7}, label=".quadratic",
          deviation="S3", explain=lambda o: o.mse + 0.7 * squared_by_row(o))
    train("topk", "topk", top)
    train("topk", "topk_auxk", top_aux, dead=True, label=".aux",
          deviation="S4", explain=lambda o: o.mse + raw_aux(o))
    train("topk", "topk", {"k": K}, label=".rescaled", deviation="S5", explain=rescaled)
    train("topk", "topk_free", {"k": K}, label=".rescaled_free", free=True, deviation="S5", explain=rescaled)
    train("abstopk", "abstopk", top)
    train("abstopk", "abstopk_auxk", top_aux, dead=True, label=".aux")
    train("batchtopk", "batchtopk", top)
    train("batchtopk", "batchtopk_few_positive", top | {"k": 24}, label=".few_positive")
    train("batchtopk", "batchtopk_auxk", top_aux, dead=True, label=".aux",
          deviation="S4", explain=lambda o: o.mse + raw_aux(o))
    train("gated", "gated_l1_free", None, l1, free=True,
          deviation="S6", explain=lambda o: o.mse + 0.1 * (o.gate * o.norm).sum(1).mean() + gate_not_held(o))
    train("matryoshka_batchtopk", "batchtopk_matryoshka", top | widths,
          deviation="S7", explain=lambda o: sum(o.losses))
    train("matryoshka_batchtopk", "batchtopk_auxk_matryoshka", top_aux | widths, dead=True, label=".aux",
          deviation="S7", explain=lambda o: sum(o.losses) + raw_aux(o))

    # No training class: encode and forward alone. They subtract nothing from the input, so that goes into b_enc.
    for architecture, case in [("transcoder", "transcoder_relu_l1"), ("jumprelu_transcoder", "transcoder_jumprelu_l0"),
                               ("skip_transcoder", "skip_transcoder_relu_l1")]:  # fmt: skip
        sae = build(architecture, training=False, d_out=D_OUT, apply_b_dec_to_input=False)
        copy(sae.W_dec, T["W_dec_out"])
        copy(sae.b_dec, T["b_out"])
        copy(sae.b_enc, T["b_enc"] - T["W_enc"] @ T["b_in_fixed"])
        if "skip" in architecture:
            copy(sae.W_skip, T["W_skip"])
        run(f"sae_lens.{architecture}", case, sae.encode(X), sae(X), {}, {}, deviation="S8")


def rooted(codes, p):
    """The p-norm of every row: the root is taken."""
    return (torch.where(codes > 0, codes, 1) ** p * (codes > 0)).sum(1) ** (1 / p)


def rescaled(o):
    """The squared error when scores are multiplied by the lengths of the atoms and the atoms divided by them."""
    h = o.h * o.norm
    z = torch.relu(h * largest(h, K, []))
    return ((z / o.norm @ o.w + o.p["b_out"] - X) ** 2).sum(1).mean()


# dictionary_learning


def dictionary_learning():
    if importlib.util.find_spec("nnsight") is None:
        sys.modules["nnsight"] = types.ModuleType("nnsight")
        sys.modules["nnsight"].LanguageModel = object
    if not installed("dictionary-learning", "dictionary_learning.trainers.matryoshka_batch_top_k"):
        return
    from dictionary_learning.dictionary import AutoEncoderNew
    from dictionary_learning.trainers.batch_top_k import BatchTopKTrainer
    from dictionary_learning.trainers.gdm import GatedSAETrainer
    from dictionary_learning.trainers.jumprelu import JumpReluTrainer
    from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKTrainer
    from dictionary_learning.trainers.p_anneal import PAnnealTrainer
    from dictionary_learning.trainers.standard import StandardTrainer, StandardTrainerAprilUpdate
    from dictionary_learning.trainers.top_k import TopKTrainer

    common = dict(steps=100, activation_dim=D_IN, dict_size=N, layer=0, lm_name="none", device="cpu", warmup_steps=1)
    # where they keep our tensors; a nn.Linear decoder is the transpose of ours
    names = {
        "W_enc": [("encoder.weight", False), ("W_enc", True)],
        "W_dec": [("decoder.weight", True), ("W_dec", False)],
        "b_enc": [("encoder.bias", False), ("b_enc", False)],
        "b_dec": [("bias", False), ("decoder_bias", False), ("decoder.bias", False), ("b_dec", False)],
        "b_gate": [("gate_bias", False)], "b_mag": [("mag_bias", False)], "r_mag": [("r_mag", False)],
        "threshold": [("threshold", False)],
    }  # fmt: skip

    def places(ae, decoder):
        parameters = dict(ae.named_parameters())
        for tensor, candidates in names.items():
            for name, transposed in candidates:
                if name in parameters:
                    yield decoder if tensor == "W_dec" else tensor, parameters[name], transposed

    def build(cls, decoder="W_dec", **settings):
        with contextlib.redirect_stdout(io.StringIO()):
            trainer = cls(**common, **settings)
        trainer.ae.double()
        for tensor, parameter, transposed in places(trainer.ae, decoder):
            copy(parameter, T[tensor].T if transposed else T[tensor])
        return trainer

    def train(cls, case, settings, label="", decoder="W_dec", prepare=None, codes=None, correct=None, **more):
        trainer = build(cls, decoder, **settings)
        if prepare:
            prepare(trainer)
        loss = trainer.loss(X, step=1)
        loss.backward()
        gradients = {t: p.grad.T if transposed else p.grad for t, p, transposed in places(trainer.ae, decoder)}
        if correct:
            correct(gradients)
        encode = codes or (lambda ae: ae.encode(X))
        z = encode(trainer.ae)
        x_hat, name = trainer.ae.decode(z), f"dictionary_learning.{cls.__name__}{label}"
        run(name, case, z, x_hat, {"loss": loss.item()}, gradients, **more)

    def dead(trainer):
        trainer.dead_feature_threshold = DEAD_AFTER
        trainer.num_tokens_since_fired = torch.where(DEAD_MASK, DEAD_AFTER, 0).long()

    def dead_and_more_aux(trainer):
        dead(trainer)
        trainer.top_k_aux = 12

    def power(trainer):
        trainer.p = 0.6

    def no_pre_bias(trainer):
        """Where they subtract nothing from the rows, it goes into the encoder bias."""
        ae = trainer.ae
        (ae.b_enc if hasattr(ae, "b_enc") else ae.encoder.bias).data -= T["W_enc"] @ T["b_dec"]

    def with_pre_bias(gradients):
        """And the gradients of their uncentred rows become those of centred ones."""
        g = gradients["b_enc"]
        gradients["W_enc"] = gradients["W_enc"] - g[:, None] * T["b_dec"]
        gradients["b_dec"] = gradients["b_dec"] - g @ T["W_enc"]

    def normalised(o, k_aux, main):
        residual = (X - o.x_hats[-1]).detach()
        return main + o.aux(k_aux) / o.variance(residual) / 32

    def from_above(o):
        above = Fires.apply(torch.where(o.h > o.p["threshold"], o.h, 0).detach(), o.p["threshold"])
        return o.mse + 0.7 * (above.sum(1).mean() / 4.0 - 1) ** 2

    top, l1 = {"k": K}, {"l1_penalty": 0.1, "sparsity_warmup_steps": None}
    lp = {"initial_sparsity_penalty": 0.08, "anneal_start": 50, "sparsity_warmup_steps": None}
    groups = top | {"group_fractions": [0.2, 0.3, 0.5]}
    target = {"bandwidth": BANDWIDTH, "sparsity_penalty": 0.7, "target_l0": 4.0, "sparsity_warmup_steps": None}
    batch = lambda ae: ae.encode(X, use_threshold=False)
    train(StandardTrainer, "relu_l1", l1)
    train(StandardTrainerAprilUpdate, "relu_l1_free", l1, decoder="W_dec_free")
    train(StandardTrainerAprilUpdate, "relu_l1_free", l1 | {"dict_class": AutoEncoderNew}, ".AutoEncoderNew", "W_dec_free",
          no_pre_bias, correct=with_pre_bias,
          deviation="D1", explain=lambda o: o.mse + 0.1 * (o.norm**2 * o.z).sum(1).mean())
    train(PAnnealTrainer, "relu_p_anneal", lp | {"sparsity_function": "Lp^p"}, prepare=power)
    train(PAnnealTrainer, "relu_p_anneal", lp, ".Lp", prepare=power,
          deviation="D2", explain=lambda o: o.mse + 0.08 * rooted(o.z, 0.6).mean())
    train(GatedSAETrainer, "gated_l1", l1)
    train(TopKTrainer, "topk", top)
    train(TopKTrainer, "topk_auxk", top, ".aux", prepare=dead,
          deviation="D3", explain=lambda o: normalised(o, 6, o.mse))
    train(TopKTrainer, "topk_auxk_few_dead", top, ".aux_few_dead", prepare=dead_and_more_aux,
          deviation="D3", explain=lambda o: normalised(o, 12, o.mse))
    train(BatchTopKTrainer, "batchtopk", top, codes=batch)
    train(BatchTopKTrainer, "batchtopk_auxk", top, ".aux", prepare=dead, codes=batch,
          deviation="D3", explain=lambda o: normalised(o, 6, o.mse))
    train(MatryoshkaBatchTopKTrainer, "batchtopk_matryoshka", groups, codes=batch,
          deviation="D4", explain=lambda o: sum(o.losses) / 9)
    train(MatryoshkaBatchTopKTrainer, "batchtopk_auxk_matryoshka", groups, ".aux", prepare=dead, codes=batch,
          deviation="D4", explain=lambda o: normalised(o, 6, sum(o.losses) / 9))
    train(JumpReluTrainer, "jumprelu_target_l0", target, prepare=no_pre_bias, correct=with_pre_bias,
          deviation="D5", explain=from_above)

    # Resampling: which weights does it change? Two latents are dead, and the optimiser has taken a step.
    for cls in (StandardTrainer, PAnnealTrainer):
        trainer = build(cls, resample_steps=10, **(l1 if cls is StandardTrainer else lp))
        trainer.update(1, X)
        before = [p.detach().clone() for p in trainer.ae.parameters()]
        deads = torch.zeros(N, dtype=torch.bool)
        deads[[5, 9]] = True
        torch.manual_seed(0)
        with contextlib.redirect_stdout(io.StringIO()):
            trainer.resample_neurons(deads, X)
        changed = sum(int((a != b).sum()) for a, b in zip(before, trainer.ae.parameters()))
        RUNS.append({"run": f"dictionary_learning.{cls.__name__}.resample_neurons", "weights_changed": changed,
                     "deviation": None if changed else "D6"})  # fmt: skip
        print(f"{cls.__name__}.resample_neurons changed {changed} weights")

    # Which latents are dead: theirs are counted after the batch, and a latent of this batch is not among them.
    trainer = build(TopKTrainer, k=K)
    dead(trainer)
    trainer.num_tokens_since_fired[:] = DEAD_AFTER - ROWS
    trainer.loss(X, step=1)
    fired = (trainer.ae.encode(X) > 0).any(0)
    after = trainer.num_tokens_since_fired >= DEAD_AFTER
    RUNS.append({"run": "dictionary_learning.TopKTrainer.dead", "deviation": "D7", "fired": int(fired.sum()),
                 "dead_before_the_batch_by_our_count": 0, "dead_in_the_batch": trainer.dead_features,
                 "they_are_the_ones_that_did_not_fire": bool((after == ~fired).all())})  # fmt: skip
    print(f"TopKTrainer: {RUNS[-1]}")


# sparsify


def sparsify():
    if not installed("eai-sparsify", "sparsify"):
        return
    from sparsify import SparseCoder, SparseCoderConfig

    def train(case, label="", dead=None, coefficient=0.0, deviation=None, explain=None):
        sae = SparseCoder(D_IN, SparseCoderConfig(num_latents=N, k=K), dtype=torch.float64)
        copy(sae.encoder.weight, T["W_enc"])
        copy(sae.encoder.bias, T["b_enc"])
        copy(sae.W_dec, T["W_dec"])
        copy(sae.b_dec, T["b_dec"])
        out = sae(X, dead_mask=dead)
        loss = out.fvu + coefficient * out.auxk_loss
        loss.backward()
        z = torch.zeros(ROWS, N, dtype=torch.float64).scatter(1, out.latent_indices, out.latent_acts)
        gradients = {"W_enc": sae.encoder.weight.grad, "b_enc": sae.encoder.bias.grad}
        gradients |= {"W_dec": sae.W_dec.grad, "b_dec": sae.b_dec.grad}
        losses = {"fvu": out.fvu.item(), "auxk_loss": out.auxk_loss.item(), "loss": loss.item()}
        in_our_words = lambda o: explain(o, out)
        run(f"sparsify.SparseCoder{label}", case, z, out.sae_out, losses, gradients, deviation, in_our_words)

    def leaking(o, out):
        """A chosen score that is not positive counts as 0, but the gradient passes."""
        chosen = torch.zeros(ROWS, N, dtype=torch.bool).scatter(1, out.latent_indices, True)
        z = o.z + (o.h - o.h.detach()) * (chosen & (o.h <= 0))
        return ((z @ o.w + o.p["b_out"] - X) ** 2).sum(1).mean()

    train("topk", deviation="E1, E3", explain=lambda o, out: leaking(o, out) / o.variance(X))
    train("topk_auxk", ".aux", DEAD_MASK, 1 / 32, deviation="E1, E2, E3",
          explain=lambda o, out: (leaking(o, out) + o.aux(6, through=False) / 32) / o.variance(X))


def main():
    torch.set_num_threads(1)
    saelens()
    dictionary_learning()
    sparsify()
    versions = {"python": sys.version.split()[0], "torch": torch.__version__}
    for name in ("sae-lens", "dictionary-learning", "eai-sparsify"):
        if name not in MISSING:
            versions[name] = importlib.metadata.version(name)
    lines = ",\n".join("  " + json.dumps(record) for record in RUNS)
    head = f' "versions": {json.dumps(versions)},\n "missing": {json.dumps(MISSING)}'
    (HERE / "foreign.json").write_text("{\n" + head + ',\n "runs": [\n' + lines + "\n ]\n}\n")
    save_file({name: value.contiguous() for name, value in TENSORS.items()}, HERE / "foreign.safetensors")


if __name__ == "__main__":
    main()
