"""Whole runs of `elute train`, of which the time of later steps counts."""

import hashlib
import json
import os
import shutil
import subprocess

from .contestants import Failed
from .plan import Shape
from .session import Session


def train(
    session: Session, shape: Shape, data: str, out: str, steps: int, seeds: list[int],
    *extra: str, under: tuple[str, ...] = (),
) -> None:
    """Trains into a new folder; checkpoints are written at the end alone."""
    shutil.rmtree(out, ignore_errors=True)
    command = [
        *under, session.elute, "train", "--data", data, "--out", out, *shape.flags, "--steps",
        str(steps), "--log-every", str(steps // 4), "--checkpoint-every", str(steps), "--seeds",
        ",".join(map(str, seeds)), "--data-seed", "0", "--threads", str(session.threads), *extra]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")


def step_ms(out: str, seed: int) -> float:
    """The mean of the steps after the first quarter, by the run's own log."""
    with open(f"{out}/seed-{seed}/metrics.jsonl") as file:
        lines = [json.loads(line) for line in file]
    last = lines[-1]
    first = next(x for x in lines if 4 * x["point"]["step"] >= last["point"]["step"] - 3)
    count = last["point"]["step"] - first["point"]["step"]
    return round(1000 * (last["seconds"] - first["seconds"]) / count, 4)


def weights(out: str, seed: int) -> str:
    """A digest of the dictionary, whose bits must not depend on how it was trained."""
    with open(f"{out}/seed-{seed}/dictionary/sae_weights.safetensors", "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder(session: Session, name: str) -> str:
    return os.path.join(session.scratch, name)
