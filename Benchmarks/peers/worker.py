"""One peer in a process of its own, which works only when it is told to.

Each line of standard input is answered by one line of JSON:

    steps N   trains N steps; {"step_ms": [..]}, the wall time of each
    fvu       measures on the rows of --heldout; {"fvu": ..}
    about     {"versions": {..}, ..}

A step that fails is answered by {"error": ..} and ends the process.
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import sys
import time
import warnings

parser = argparse.ArgumentParser()
parser.add_argument("--peer", required=True, help="the file in this folder, without .py")
parser.add_argument("--variant", default="", help="words joined by +")
parser.add_argument("--data", required=True, help=".npy, [rows, d_in]")
parser.add_argument("--heldout", help=".npy of rows to measure on")
parser.add_argument("--initial", help="a SAELens folder of the weights to start from")
parser.add_argument("--d-sae", type=int, required=True)
parser.add_argument("--k", type=int, required=True)
parser.add_argument("--batch", type=int, required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--plain", action="store_true")
parser.add_argument("--rate", type=float)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--shuffle", action="store_true", help="a fresh order of rows each epoch")


def batches(data, batch: int, shuffle: bool):
    """Whole batches, in the rows' order again and again, or each epoch in another order."""
    import torch

    generator = torch.Generator().manual_seed(0)
    while True:
        order = torch.randperm(len(data), generator=generator) if shuffle else None
        for start in range(0, len(data) - batch + 1, batch):
            yield data[order[start:start + batch]] if shuffle else data[start:start + batch]


def fraction_of_variance_unexplained(trainer, x) -> float:
    error = (trainer.reconstruct(x).double() - x.double()).square().sum()
    return (error / (x.double() - x.double().mean(0)).square().sum()).item()


def main() -> None:
    options = parser.parse_args()
    # What the libraries print must not reach the pipe.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.filterwarnings("ignore")

    def answer(value) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    try:
        import numpy
        import torch
        from common import Job

        torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed)
        data = torch.from_numpy(numpy.load(options.data))
        job = Job(
            data.shape[1], options.d_sae, options.k, options.batch, options.variant, options.plain,
            options.rate)
        peer = importlib.import_module(options.peer)
        trainer = peer.Trainer(job)
        if options.initial:
            from safetensors.torch import load_file

            trainer.load(load_file(options.initial + "/sae_weights.safetensors"))
        heldout = torch.from_numpy(numpy.load(options.heldout)) if options.heldout else None
        source = batches(data, options.batch, options.shuffle)
        for line in sys.stdin:
            words = line.split()
            if words[0] == "steps":
                times = []
                for _ in range(int(words[1])):
                    x = next(source)
                    begin = time.perf_counter()
                    trainer.step(x)
                    times.append((time.perf_counter() - begin) * 1e3)
                answer({"step_ms": times})
            elif words[0] == "fvu":
                answer({"fvu": fraction_of_variance_unexplained(trainer, heldout)})
            else:
                about = {
                    "versions": {p: importlib.metadata.version(p) for p in peer.PACKAGES},
                    "threads": torch.get_num_threads(),
                }
                if hasattr(trainer, "largest_gradient"):
                    about["largest_gradient"] = trainer.largest_gradient
                answer(about)
    except Exception as error:
        answer({"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"})
        sys.exit(1)


if __name__ == "__main__":
    main()
