"""Wall time of training until rows that are not trained on are explained so far, on given activations.

Everyone trains at its own defaults, and once more at one learning rate that is the same for all. Time is
that of training steps: reading the rows, importing libraries and measuring are not counted for the peers;
Elute's, which its own log tells, has its measuring and checkpoints in it.
"""

import contextlib
import json
import os
import shutil

from .contestants import Failed, PeerProcess
from .plan import TARGET, TARGET_PEERS, Variant
from .session import Session, say
from .work import prepare

TARGETS, RATE, STEPS, EVERY = [0.30, 0.25], 1e-3, 3000, 50


def measure(session: Session, data: str) -> bool:
    name = os.path.basename(data)
    results = session.record.setdefault("target", {}).setdefault(name, {})
    results.update(
        shape=TARGET.name, targets=TARGETS, most_steps=STEPS, rates=["default", RATE], every=EVERY)
    folder = os.path.join(session.scratch, "target-" + name)
    train, heldout = folder + "/train.npy", folder + "/heldout.npy"
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(heldout):
        prepare(session.python, data, train, heldout, "every:10")
    curves = results.setdefault("curves", {})
    version = session.record["versions"]["elute"]
    if results.get("elute") != version:
        curves.pop("elute", None)
        results["elute"] = version
    for rate in (None, RATE):
        label = "default" if rate is None else str(rate)
        for peer in [None, *TARGET_PEERS]:
            who = peer.id if peer else "elute"
            if not session.takes_part(who) or label in curves.get(who, {}):
                continue
            if session.is_out_of_time:
                return False
            curve = (
                _peer(session, peer, rate, train, heldout, results) if peer
                else _elute(session, rate, data, folder))
            if curve is None:
                continue
            curves.setdefault(who, {})[label] = curve
            session.save()
            say(f"target {name}: {who} at {label}: " + ", ".join(
                f"fvu {t} in {reached(curve, t) or 'more than ' + format(curve[-1][1], '.1f')} s"
                for t in TARGETS))
    return True


def reached(curve: list, target: float) -> float | None:
    """Seconds at the first measurement at or below a target."""
    return next((round(seconds, 2) for _, seconds, fvu in curve if fvu <= target), None)


def _elute(session: Session, rate: float | None, data: str, folder: str) -> list:
    out = folder + "/elute"
    shutil.rmtree(out, ignore_errors=True)
    with session.turn():
        session.run_elute(
            "train", "--data", data, "--out", out, *TARGET.flags, "--steps", str(STEPS),
            "--log-every", str(EVERY // 5), "--holdout", "every:10", "--threads",
            str(session.threads), *(["--lr", str(rate)] if rate else []))
    with open(out + "/seed-0/metrics.jsonl") as file:
        lines = [json.loads(line) for line in file]
    points = [(line["point"], line["seconds"]) for line in lines]
    curve = [[p["step"], seconds, p["fvu"]] for p, seconds in points if "fvu" in p]
    if not curve:
        raise Failed(f"{out}: no step was measured")
    return curve


def _peer(session, peer, rate, train, heldout, results) -> list | None:
    extra = ["--heldout", heldout, "--shuffle", *(["--rate", str(rate)] if rate else [])]
    # Of the variants that differ in their speed alone; sparsify's own default is signum.
    words = "signum" if peer.id == "sparsify" and rate is None else peer.plain_words
    curve, seconds = [], 0.0
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(session.started(PeerProcess(
            session.python, peer, Variant(words), TARGET, train, session.threads, extra=extra)))
        try:
            while len(curve) < STEPS // EVERY and not (curve and curve[-1][2] <= min(TARGETS)):
                with session.turn():
                    seconds += sum(s["step_ms"] for s in process.steps(EVERY)) / 1e3
                    curve.append([(len(curve) + 1) * EVERY, seconds, process.ask("fvu")["fvu"]])
        except Failed as error:
            results.setdefault("failed", {})[peer.id] = str(error)
            return None
    return curve
