"""Opens the dictionaries of a folder in SAELens; the second half of Scripts/interop.sh.

Each folder holds a dictionary that Elute wrote and `expected.safetensors`: rows `x` [rows, d_in], their
codes `z` [rows, d_sae] and reconstructions `y` [rows, d_out], as Elute computes them in float32.

A dictionary of an architecture of SAELens has to open by `load_from_disk` of `SAE` and of the class of that
architecture, as that class, with the tensors of the file and nothing else, and its codes and
reconstructions have to agree: the same latents active, every number to TOLERANCE, relative to the larger of
1 and the number, in float32 as SAELens runs by default and in float64. One of Elute's own has to be
refused by every class.
"""

import json
import sys
import warnings
from pathlib import Path

TOLERANCE = 2e-5
VERSION = "6.54.12"
EXPRESSIBLE = [
    "standard", "jumprelu", "topk", "abstopk", "gated", "transcoder", "skip_transcoder",
    "jumprelu_transcoder", "jumprelu_skip_transcoder",
]
OWN = ["elute_autoencoder", "elute_transcoder", "elute_crosscoder"]


def difference(ours, theirs):
    theirs = theirs.detach().double()
    if ours.shape != theirs.shape:
        return float("inf")
    worst = ((ours.double() - theirs).abs() / theirs.abs().clamp(min=1)).max().item()
    return worst if worst == worst else float("inf")


def opened(folder, architecture):
    """(what is wrong, the greatest difference of codes, that of reconstructions)"""
    from safetensors.torch import load_file
    from sae_lens import SAE
    from sae_lens.registry import get_sae_class

    expected = load_file(folder / "expected.safetensors")
    written = load_file(folder / "sae_weights.safetensors")
    wrong, codes, reconstructions = [], 0.0, 0.0
    of_architecture = get_sae_class(architecture)[0]
    for loader, dtype in [(SAE, "float32"), (of_architecture, "float32"), (SAE, "float64")]:
        sae = loader.load_from_disk(folder, dtype=dtype)
        if type(sae) is not of_architecture:
            wrong.append(f"opened as {type(sae).__name__}")
        if set(sae.state_dict()) != set(written):
            wrong.append(f"has the tensors {sorted(sae.state_dict())}")
        if sae.cfg.metadata.sae_lens_version != VERSION:
            wrong.append("metadata lost")
        x = expected["x"].to(sae.dtype)
        z = sae.encode(x)
        y = sae(x)
        if ((z != 0) != (expected["z"] != 0)).any():
            wrong.append(f"other latents are active in {dtype}")
        codes = max(codes, difference(expected["z"], z))
        reconstructions = max(reconstructions, difference(expected["y"], y))
    if not (expected["z"] != 0).any():
        wrong.append("no latent is active: nothing was compared")
    if max(codes, reconstructions) > TOLERANCE:
        wrong.append(f"differs by more than {TOLERANCE}")
    return wrong, codes, reconstructions


def refused(folder):
    """The errors with which SAELens refuses a dictionary, one a class; None for a class that opens it."""
    from sae_lens import SAE
    from sae_lens.registry import SAE_CLASS_REGISTRY

    errors = set()
    for loader in [SAE] + [classes[0] for classes in SAE_CLASS_REGISTRY.values()]:
        try:
            loader.load_from_disk(folder)
            errors.add(None)
        except Exception as error:  # whatever it is, nothing was opened
            errors.add(f"{type(error).__name__}: {error}")
    return errors


def main():
    import sae_lens

    if sae_lens.__version__ != VERSION:
        print(f"interop: sae-lens {sae_lens.__version__}, expected {VERSION}", file=sys.stderr)
        return 2
    rows, failures, refusals = {}, [], {}
    for folder in sorted(Path(sys.argv[1]).iterdir()):
        if not folder.is_dir():
            continue
        architecture = json.loads((folder / "cfg.json").read_text())["architecture"]
        row = rows.setdefault(architecture, [0, 0.0, 0.0, 0])
        row[0] += 1
        if architecture in EXPRESSIBLE:
            try:
                wrong, codes, reconstructions = opened(folder, architecture)
            except Exception as error:
                wrong, codes, reconstructions = [f"{type(error).__name__}: {error}"], 0.0, 0.0
            row[1], row[2] = max(row[1], codes), max(row[2], reconstructions)
        else:
            errors = refused(folder)
            wrong = ["SAELens opens it"] if None in errors else []
            refusals.setdefault(architecture, set()).update(errors)
        row[3] += bool(wrong)
        failures += [f"{folder.name} ({architecture}): {what}" for what in wrong]
    failures += [f"no dictionary of architecture {name}" for name in EXPRESSIBLE + OWN if name not in rows]
    print(f"{'architecture':26}{'files':>6}{'failed':>8}  {'codes':>9}{'outputs':>10}   greatest difference")
    for name in EXPRESSIBLE + OWN:
        count, codes, reconstructions, failed = rows.get(name, [0, 0.0, 0.0, 0])
        if name in EXPRESSIBLE:
            print(f"{name:26}{count:6}{failed:8}  {codes:9.1e}{reconstructions:10.1e}")
        else:
            said = ", ".join(sorted(str(x) for x in refusals.get(name, [])))
            print(f"{name:26}{count:6}{failed:8}  refused: {said}")
    for failure in failures:
        print("  " + failure)
    total = sum(row[0] for row in rows.values())
    verdict = f"{len(failures)} failures" if failures else "passed"
    print(
        f"interop: {verdict}; {total} dictionaries, sae-lens {VERSION}, tolerance {TOLERANCE} in float32 and float64")
    return 1 if failures else 0


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    sys.exit(main())
