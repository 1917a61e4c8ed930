"""What several seeds at once save: four seeds of one order of rows, in one run and in four. Both end with
the same bits."""

from .contestants import Failed
from .plan import Shape
from .session import Session, say
from .training import folder, step_ms, train, weights

SEEDS, BATCHES = [0, 1, 2, 3], 8


def measure(session: Session, shape: Shape, steps: int) -> bool:
    steps = max(steps, 4)
    results = session.section("seeds", f"{shape.name} {steps} steps")
    rounds = results.setdefault("rounds", [])
    if len(rounds) >= session.rounds:
        return True
    data = session.planted(shape, BATCHES)
    together = folder(session, "seeds-together")
    alone = {seed: folder(session, f"seeds-{seed}") for seed in SEEDS}
    while len(rounds) < session.rounds and not session.is_out_of_time:
        with session.turn():
            train(session, shape, data, together, steps, SEEDS)
            for seed, out in alone.items():
                train(session, shape, data, out, steps, [seed])
        if any(weights(together, seed) != weights(out, seed) for seed, out in alone.items()):
            raise Failed(f"seeds {shape.name}: the bits differ")
        # Seeds that step at once share the time of a step, which each one's log has its part of.
        rounds.append({
            "together_ms": sum(step_ms(together, seed) for seed in SEEDS),
            "alone_ms": sum(step_ms(out, seed) for seed, out in alone.items())})
        session.save()
        say(f"seeds {shape.name}: round {len(rounds)}: {rounds[-1]}")
    return len(rounds) >= session.rounds
