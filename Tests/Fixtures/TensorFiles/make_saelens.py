"""Writes dictionaries with SAELens, and the codes and reconstructions that it computes from them.

    pip install sae-lens==6.54.12
    python make_saelens.py

Each folder is what `SAE.save_model` wrote; `expected.safetensors` beside it holds rows `x`, their codes
`z` and reconstructions `y` as SAELens computes them after loading the folder again.
"""

from pathlib import Path

import torch
from sae_lens import SAE
from sae_lens.saes.jumprelu_sae import JumpReLUSAE, JumpReLUSAEConfig
from sae_lens.saes.topk_sae import TopKSAE, TopKSAEConfig
from safetensors.torch import save_file

here = Path(__file__).parent / "SAELens"
d_in, d_sae = 5, 12


def write(name, cls, config, **options):
    cfg = config(d_in=d_in, d_sae=d_sae, **options)
    cfg.metadata.hook_name = "blocks.0.hook_resid_pre"
    cfg.metadata.model_name = "tiny"
    sae = cls(cfg)
    generator = torch.Generator().manual_seed(0)
    for parameter in sae.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator).to(parameter.dtype)
    folder = here / name
    sae.save_model(folder)
    if cls is TopKSAE and cfg.normalize_activations == "none":
        loaded = SAE.load_from_disk(folder, dtype="float64")
        x = torch.randn(8, d_in, generator=generator)
        z = loaded.encode(x.double())
        y = loaded.decode(z)
        save_file({"x": x, "z": z.detach(), "y": y.detach()}, folder / "expected.safetensors")


write("plain", TopKSAE, TopKSAEConfig, k=3)
write("folded", TopKSAE, TopKSAEConfig, k=3, rescale_acts_by_decoder_norm=True, apply_b_dec_to_input=False)
write("rescaled", TopKSAE, TopKSAEConfig, k=4, rescale_acts_by_decoder_norm=True)
write("unbiased", TopKSAE, TopKSAEConfig, k=4, apply_b_dec_to_input=False)
for dtype in ["float16", "bfloat16", "float64"]:
    write(dtype, TopKSAE, TopKSAEConfig, k=3, dtype=dtype)
write("normalized", TopKSAE, TopKSAEConfig, k=3, normalize_activations="expected_average_only_in")
write("jumprelu", JumpReLUSAE, JumpReLUSAEConfig)
