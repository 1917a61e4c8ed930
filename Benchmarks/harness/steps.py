"""Milliseconds a training step: round after round, a turn for Elute and one for each peer."""

import contextlib
import statistics

from . import machine
from .contestants import Elute, Failed, PeerProcess
from .plan import PEERS, Peer, Shape, Variant
from .session import Session, say

# A step that takes longer is timed in so many rounds only.
SLOW_MS, SLOW_ROUNDS = 10_000, 2
OTHER_ALGORITHMS = [p.id for p in PEERS if not p.is_comparable]


def entrants(session: Session, shape: Shape) -> list[tuple[str, Peer, str | None]]:
    """The peers of a shape; on AMD each a second time with MKL's faster path."""
    peers = [p for p in PEERS if shape.d_sae <= p.up_to and session.takes_part(p.id)]
    plain = [(p.id, p, None) for p in peers]
    if not session.preload:
        return plain
    return plain + [(p.id + "@mkl", p, session.preload) for p in peers if p.id != "sklearn"]


def measure(session: Session, shape: Shape, data: str | None, label: str) -> bool:
    """Goes on with a shape until its rounds are done or the time is up; whether they are done."""
    results = session.section("steps", f"{shape.name} {label}")
    path = data or session.planted(shape)
    rounds = results.setdefault("rounds", [])
    choose(session, shape, path, results)
    if _is_done(session, results):
        return True
    with contextlib.ExitStack() as stack:
        with session.turn():
            say(f"{shape.name} {label}: {len(rounds)} rounds so far; starting all")
            elute = stack.enter_context(
                session.started(Elute(session.elute, shape, path, session.threads)))
            elute.steps(shape.turn)
        peers = {}
        if not shape.alone:
            for name, peer, preload in entrants(session, shape):
                if not _is_wanted(name, results):
                    continue
                with session.turn():
                    try:
                        peers[name] = stack.enter_context(
                            session.started(_start(session, shape, path, results, name, peer, preload)))
                        if peer.is_comparable:
                            peers[name].steps(2)
                    except Failed as error:
                        results.setdefault("failed", {})[name] = str(error)
                        peers.pop(name, None)
        while not _is_done(session, results):
            rounds.append(_round(session, shape, path, results, elute, peers))
            session.save()
            say(f"{shape.name} {label}: round {len(rounds)}: " + ", ".join(
                f"{name} {statistics.median(s['step_ms'] for s in times):.1f}"
                for name, times in rounds[-1]["times"].items()))
            if session.is_out_of_time:
                break
    return _is_done(session, results)


def _round(session, shape, path, results, elute, peers) -> dict:
    times = {}

    def turn(name, contestant):
        try:
            # Another algorithm's step takes seconds even where ours take milliseconds.
            times[name] = contestant.steps(1 if name in OTHER_ALGORITHMS else shape.turn)
        except Failed as error:
            results.setdefault("failed", {})[name] = str(error)

    with session.turn():
        lost = machine.lost_by_spinning(session.threads)
        disturbance = machine.Disturbance(list(session.alive))
        turn("elute", elute)
        for name, contestant in peers.items():
            if _is_wanted(name, results):
                turn(name, contestant)
        share = disturbance.share()
    if shape.alone:
        for name, peer, preload in entrants(session, shape):
            if not _is_wanted(name, results):
                continue
            try:
                with session.turn(), session.started(
                        _start(session, shape, path, results, name, peer, preload)) as contestant:
                    contestant.steps(2)
                    turn(name, contestant)
            except Failed as error:
                results.setdefault("failed", {})[name] = str(error)
    return {"lost_by_spinning": lost, **share, "times": times}


def _start(session, shape, path, results, name, peer, preload) -> PeerProcess:
    chosen = results.get("choices", {}).get(peer.id, {}).get("variant")
    variant = next((v for v in peer.variants if v.name == chosen), peer.variants[0])
    contestant = PeerProcess(
        session.python, peer, variant, shape, path, session.threads, preload=preload)
    if name not in session.record["versions"]:
        session.record["versions"].update(contestant.ask("about")["versions"])
    return contestant


def _turns(name: str, results: dict) -> list[float]:
    return [
        statistics.median(s["step_ms"] for s in r["times"][name])
        for r in results["rounds"] if name in r["times"]]


def _is_wanted(name: str, results: dict) -> bool:
    if name in results.get("failed", {}):
        return False
    turns = _turns(name, results)
    return len(turns) < SLOW_ROUNDS or min(turns) < SLOW_MS


def _is_done(session: Session, results: dict) -> bool:
    return len(results["rounds"]) >= session.rounds


def choose(session: Session, shape: Shape, path: str, results: dict) -> None:
    """Times each peer's variants for three steps and keeps the fastest.

    The same shape on other rows takes the same choices, and a shape whose peers run one at a time, which
    is too slow for trying, those of the last shape that has them.
    """
    choices = results.setdefault("choices", {})
    for key, other in session.record["steps"].items():
        if other is not results and (shape.alone or key.split()[0] == shape.name):
            for name, choice in other.get("choices", {}).items():
                if "tried" in choice and (shape.alone or name not in choices):
                    choices[name] = {"variant": choice["variant"], "from": key}
    if shape.alone:
        return
    for name, peer, _ in entrants(session, shape):
        if name != peer.id or peer.id in choices or len(peer.variants) < 2:
            continue
        tried = {}
        for variant in peer.variants:
            with session.turn(), session.started(PeerProcess(
                    session.python, peer, variant, shape, path, session.threads)) as contestant:
                try:
                    contestant.steps(2)
                    tried[variant.name] = round(
                        statistics.median(s["step_ms"] for s in contestant.steps(3)), 3)
                except Failed as error:
                    tried[variant.name] = str(error)
        timed = {k: v for k, v in tried.items() if isinstance(v, float)}
        choices[peer.id] = {
            "variant": min(timed, key=timed.get) if timed else peer.variants[0].name, "tried": tried}
        session.save()
        say(f"{shape.name}: {peer.id}: {tried}")
