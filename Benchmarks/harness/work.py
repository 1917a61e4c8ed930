"""Equal work: from the same weights, on the same rows in the same order, 300 steps of Adam at one rate.

What is compared is the fraction of variance unexplained on rows that nobody trained on, measured by one
program for Elute and by each library's own forward pass for the peers.
"""

import hashlib
import os
import subprocess

from .contestants import FOLDER, Failed, PeerProcess
from .plan import PEERS, Shape, Variant
from .session import Session, say

STEPS, RATE, TOLERANCE, BATCHES = 300, 3e-4, 0.01, 32


def measure(session: Session, shape: Shape) -> bool:
    results = session.record.setdefault("work", {}).setdefault(shape.name, {})
    results.update(steps=STEPS, rate=RATE, tolerance=TOLERANCE, rows=BATCHES * shape.batch)
    folder = os.path.join(session.scratch, "work-" + shape.name.replace(",", "-"))
    train, heldout = folder + "/train.npy", folder + "/heldout.npy"
    kept = folder + "/kept-" + session.record["versions"]["elute"]
    fvu = results.setdefault("fvu", {})
    with session.turn():
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(heldout):
            prepare(
                session.python, session.planted(shape, BATCHES + 1), train, heldout,
                f"last:{shape.batch}", standardize=True)
        version = session.record["versions"]["elute"]
        if "elute" not in fvu or results.get("elute") != version or not os.path.exists(kept):
            session.run_elute(
                "benchmark", "step", "--plain", "--data", train, *shape.flags, "--warmup",
                str(STEPS - 1), "--repeats", "1", "--threads", str(session.threads), "--keep", kept)
            # A peer's result stands for as long as it started from the same weights on the same rows.
            start = digest(kept + "/initial/sae_weights.safetensors", train, heldout)
            if results.get("start") != start:
                fvu.clear()
            results.update(elute=version, start=start)
            scorer = next(p for p in PEERS if p.id == "torch")
            with session.started(PeerProcess(
                    session.python, scorer, Variant(), shape, train, session.threads,
                    extra=["--initial", kept + "/trained", "--heldout", heldout])) as process:
                fvu["elute"] = process.ask("fvu")["fvu"]
            session.save()
    for peer in PEERS:
        if not peer.is_comparable or not session.takes_part(peer.id) or peer.id in fvu:
            continue
        if session.is_out_of_time:
            return False
        extra = ["--initial", kept + "/initial", "--heldout", heldout, "--plain", "--rate", str(RATE)]
        with session.started(PeerProcess(
                session.python, peer, Variant(peer.plain_words), shape, train, session.threads,
                extra=extra)) as process:
            try:
                for _ in range(STEPS // 25):
                    with session.turn():
                        process.steps(25)
                with session.turn():
                    fvu[peer.id] = process.ask("fvu")["fvu"]
                about = process.ask("about")
                if "largest_gradient" in about and peer.exact:
                    results["largest_gradient"] = about["largest_gradient"]
            except Failed as error:
                results.setdefault("failed", {})[peer.id] = str(error)
                continue
        session.save()
        say(f"equal work {shape.name}: {peer.id} {fvu[peer.id]:.5f}, elute {fvu['elute']:.5f}")
    return True


def digest(*paths: str) -> str:
    total = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def prepare(
    python: str, data: str, train: str, heldout: str, rule: str, standardize: bool = False
) -> None:
    subprocess.run(
        [python, os.path.join(FOLDER, "peers", "prepare.py"), "--data", data, "--train", train,
         "--heldout", heldout, "--hold-out", rule, *(["--standardize"] if standardize else [])],
        check=True)
