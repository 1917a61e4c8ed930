"""What it costs that rows stay on disk: the same run with its rows in memory, and read while training
with little memory. Both end with the same bits."""

from .contestants import Failed
from .limit import MemoryLimit, drop_caches
from .plan import Shape
from .session import Session, say
from .training import folder, step_ms, train, weights


def measure(
    session: Session, shape: Shape, gigabytes: float, memory: float, steps: int | None
) -> bool:
    """One pass over the rows, or `steps`; `memory` is the limit in gigabytes, and 0 is none."""
    batches = max(4, round(gigabytes * 1e9 / (4 * shape.d_in * shape.batch)))
    steps = max(steps or batches, 4)
    rows = batches * shape.batch
    results = session.section("stream", f"{shape.name} {rows} rows, {steps} steps")
    rounds = results.setdefault("rounds", [])
    if len(rounds) >= session.rounds:
        return True
    data = session.planted(shape, batches)
    read, kept = folder(session, "stream-read"), folder(session, "stream-memory")
    while len(rounds) < session.rounds and not session.is_out_of_time:
        with session.turn():
            with MemoryLimit(int(memory * 1e9) if memory else None) as limit:
                is_limited = bool(limit.prefix)
                is_dropped = bool(memory) and drop_caches()
                train(session, shape, data, read, steps, [0], "--stream", under=limit.prefix)
            train(session, shape, data, kept, steps, [0])
        if weights(read, 0) != weights(kept, 0):
            raise Failed(f"stream {shape.name}: the bits differ")
        rounds.append({
            "read_ms": step_ms(read, 0), "memory_ms": step_ms(kept, 0),
            "limit_gb": memory if is_limited else None, "caches_dropped": is_dropped})
        session.save()
        if memory and not is_limited:
            say("stream: this user can make no control group here: memory was NOT limited")
        say(f"stream {shape.name}, {rows} rows: round {len(rounds)}: {rounds[-1]}")
    return len(rounds) >= session.rounds
