"""Writes dictionaries with SAELens, and the codes and reconstructions that it computes from them.

    pip install sae-lens==6.54.12
    python make_saelens.py

Each folder is what `SAE.save_model` wrote; `expected.safetensors` beside it holds rows `x`, their codes
`z` and reconstructions `y` as SAELens computes them after loading the folder again.
"""

from pathlib import Path

import torch
from sae_lens import SAE
from sae_lens.registry import get_sae_class
from safetensors.torch import save_file

here = Path(__file__).parent / "SAELens"
d_in, d_out, d_sae = 5, 4, 12
# Normalizations that SAELens does not apply to what it loads, or that Elute refuses: no numbers of them.
without_numbers = ["expected_average_only_in", "layer_norm"]


def write(name, architecture, **options):
    cls, config = get_sae_class(architecture)
    if "transcoder" in architecture:
        options |= {"d_out": d_out, "apply_b_dec_to_input": False}
    cfg = config(d_in=d_in, d_sae=d_sae, **options)
    cfg.metadata.hook_name = "blocks.0.hook_resid_pre"
    cfg.metadata.model_name = "tiny"
    if "transcoder" in architecture:
        cfg.metadata.hook_name_out = "blocks.0.hook_mlp_out"
    sae = cls(cfg)
    generator = torch.Generator().manual_seed(0)
    for key, parameter in sae.named_parameters():
        values = torch.randn(parameter.shape, generator=generator).to(parameter.dtype)
        parameter.data = values.abs() if key == "threshold" else values
    folder = here / name
    sae.save_model(folder)
    if cfg.normalize_activations not in without_numbers:
        loaded = SAE.load_from_disk(folder, dtype="float64")
        x = torch.randn(8, d_in, generator=generator)
        z = loaded.encode(x.double())
        y = loaded(x.double())
        save_file({"x": x, "z": z.detach(), "y": y.detach()}, folder / "expected.safetensors")


write("plain", "topk", k=3)
write("folded", "topk", k=3, rescale_acts_by_decoder_norm=True, apply_b_dec_to_input=False)
write("rescaled", "topk", k=4, rescale_acts_by_decoder_norm=True)
write("unbiased", "topk", k=4, apply_b_dec_to_input=False)
for dtype in ["float16", "bfloat16", "float64"]:
    write(dtype, "topk", k=3, dtype=dtype)
write("normalized", "topk", k=3, normalize_activations="expected_average_only_in")
write("layer_norm", "standard", normalize_activations="layer_norm")
for architecture in ["standard", "jumprelu", "gated"]:
    write(architecture, architecture)
    write(architecture + "_unbiased", architecture, apply_b_dec_to_input=False)
write("abstopk", "abstopk", k=4)
write("abstopk_rescaled", "abstopk", k=4, rescale_acts_by_decoder_norm=True)
for architecture in ["transcoder", "skip_transcoder", "jumprelu_transcoder", "jumprelu_skip_transcoder"]:
    write(architecture, architecture)
constant = {"normalize_activations": "constant_norm_rescale"}
write("constant_norm", "jumprelu", **constant)
write("constant_norm_rescaled", "topk", k=3, rescale_acts_by_decoder_norm=True, **constant)
write("constant_norm_unbiased", "standard", apply_b_dec_to_input=False, **constant)
write("constant_norm_gated", "gated", **constant)
