"""The results as Markdown; every figure is computed here from the times that were kept."""

import statistics

from .plan import PEERS
from .target import reached


def markdown(record: dict) -> str:
    parts = [_heading(record)]
    if record.get("steps"):
        parts.append(_steps(record, "Milliseconds a training step", ""))
        if record["machine"]["is_amd"]:
            parts.append(_steps(
                record, "The same with MKL's handicap on AMD processors removed", "@mkl"))
        else:
            parts.append(
                "MKL's handicap on AMD processors does not apply here (not an AMD processor): there is "
                "no second table.\n")
        if any(r.get("choices") for r in record["steps"].values()):
            parts.append(_choices(record))
    if record.get("work"):
        parts.append(_work(record))
    if record.get("target"):
        parts.append(_target(record))
    if record.get("stream"):
        parts.append(_stream(record))
    if record.get("seeds"):
        parts.append(_seeds(record))
    return "\n".join(parts)


def turns(results: dict, name: str, field: str = "step_ms") -> list[float | None]:
    """For each round the median of a contestant's turn; nothing where it had none."""
    return [
        statistics.median(s[field] for s in r["times"][name]) if name in r["times"] else None
        for r in results.get("rounds", [])]


def summary(results: dict, name: str) -> dict | None:
    """The median of a contestant's rounds, and that of its ratio to Elute in the same round."""
    mine, theirs = turns(results, name), turns(results, "elute")
    pairs = [(a, b) for a, b in zip(mine, theirs) if a is not None and b is not None]
    if not pairs:
        return None
    return {
        "ms": statistics.median(a for a, _ in pairs), "rounds": len(pairs),
        "least": min(a for a, _ in pairs), "greatest": max(a for a, _ in pairs),
        "times_elute": statistics.median(a / b for a, b in pairs)}


def _heading(record: dict) -> str:
    machine, versions = record["machine"], record["versions"]
    listed = ", ".join(f"{k} {v}" for k, v in sorted(versions.items()))
    return (
        f"# Training steps on {machine['cpu']}, {record['date']}\n\n"
        f"{machine['processors']} processors{' of a virtual machine' if machine['virtual'] else ''} "
        f"(family/model/stepping {machine['family_model_stepping']}; "
        f"{', '.join(machine['instructions'])}), {machine['memory']} of memory, Linux "
        f"{machine['kernel']}, huge pages {machine['huge_pages']}, {record['threads']} threads each, "
        f"Python {machine['python']}.\n\n{listed}.\n\n"
        "How it was measured, and what is unfair in it: [README](../README.md).\n")


def _number(ms: float) -> str:
    return f"{ms:,.0f}" if ms >= 1000 else f"{ms:.0f}" if ms >= 100 else f"{ms:.1f}"


def _steps(record: dict, title: str, mark: str) -> str:
    peers = [p for p in PEERS if any(
        summary(r, p.id + mark) or p.id + mark in r.get("failed", {})
        for r in record["steps"].values())]
    lines = [
        f"## {title}\n",
        "Median of the rounds (how many times Elute's, median of the rounds' own ratios).\n",
        "| d, n, k, batch | Elute |" + "".join(
            f" {p.title}{'' if p.exact else ' (not exact)'} |" for p in peers),
        "|---|--:|" + "--:|" * len(peers)]
    notes = []
    for key, results in record["steps"].items():
        own = summary(results, "elute")
        if own is None:
            continue
        cells = [_number(own["ms"])]
        for peer in peers:
            seen = summary(results, peer.id + mark)
            if seen is None:
                cells.append("fails" if peer.id + mark in results.get("failed", {}) else "")
                continue
            few = "" if seen["rounds"] == own["rounds"] else f", {seen['rounds']} rounds"
            cells.append(f"{_number(seen['ms'])} ({seen['times_elute']:.1f}x{few})")
        lines.append(f"| {key} | " + " | ".join(cells) + " |")
        if not mark:
            notes.append(_note(key, results, own))
    return "\n".join(lines + [""] + notes) + "\n"


def _note(key: str, results: dict, own: dict) -> str:
    products = turns(results, "elute", "one_dense_product_at_peak_ms")
    ratios = [a / b for a, b in zip(turns(results, "elute"), products)]
    survivors = statistics.median(turns(results, "elute", "survivors_per_row"))
    rounds = results["rounds"]
    spinning = [r["lost_by_spinning"] for r in rounds if r.get("lost_by_spinning") is not None]
    quiet = (
        f"two spinning threads lost at most {100 * max(spinning):.1f} %, " if spinning else "")
    return (
        f"- {key}: {own['rounds']} rounds; Elute {own['least']:.1f} to {own['greatest']:.1f} ms, "
        f"{statistics.median(ratios):.2f} of a dense float32 product at peak "
        f"({statistics.median(products):.1f} ms), {survivors:.1f} survivors a row. {quiet}"
        f"others used {100 * statistics.median(r['others'] for r in rounds):.1f} % of the processors "
        f"(most {100 * max(r['others'] for r in rounds):.1f} %), "
        f"{100 * max(r['stolen'] for r in rounds):.1f} % was stolen at most. Elute {results['elute']}.")


def _choices(record: dict) -> str:
    lines = ["### What each peer's settings were chosen from\n", "Milliseconds of a step, median of 3.\n"]
    for key, results in record["steps"].items():
        for name, choice in results.get("choices", {}).items():
            if "from" in choice:
                continue
            tried = "; ".join(
                f"{k} {v:.1f}" if isinstance(v, float) else f"{k} fails ({v[:60].rstrip()})"
                for k, v in choice["tried"].items())
            lines.append(f"- {key}, {name}: **{choice['variant']}**. {tried}")
    return "\n".join(lines) + "\n"


def _work(record: dict) -> str:
    lines = [
        "## Equal work\n",
        "Fraction of variance unexplained on rows not trained on, after equal steps from the same "
        "weights, and its difference from Elute's.\n",
        "| d, n, k, batch | steps | Elute | " + " | ".join(
            p.title for p in PEERS if p.is_comparable) + " |",
        "|---|--:|--:|" + "--:|" * sum(p.is_comparable for p in PEERS)]
    for key, results in record["work"].items():
        fvu = results["fvu"]
        cells = [
            f"{fvu[p.id]:.5f} ({100 * (fvu[p.id] / fvu['elute'] - 1):+.2f} %)" if p.id in fvu else ""
            for p in PEERS if p.is_comparable]
        lines.append(f"| {key} | {results['steps']} | {fvu['elute']:.5f} | " + " | ".join(cells) + " |")
        if "largest_gradient" in results:
            lines.append("")
            lines.append(
                f"- {key}: the largest gradient norm was {results['largest_gradient']:.3f}; two peers "
                "clip at 1 and cannot be told not to.")
    return "\n".join(lines) + "\n"


def _target(record: dict) -> str:
    parts = []
    for name, results in record["target"].items():
        targets = results["targets"]
        lines = [
            f"## Seconds of training until held-out rows of {name} are explained\n",
            f"Shape {results['shape']}; measured every {results['every']} steps, at most "
            f"{results['most_steps']} of them; the better of the default rate and "
            f"{results['rates'][1]}.\n",
            "| | " + " | ".join(f"FVU {t}" for t in targets) + " |", "|---|" + "--:|" * len(targets)]
        titles = {"elute": "Elute", **{p.id: p.title for p in PEERS}}
        for who, curves in results["curves"].items():
            cells = []
            for target in targets:
                times = {k: reached(c, target) for k, c in curves.items()}
                times = {k: v for k, v in times.items() if v is not None}
                if times:
                    best = min(times, key=times.get)
                    cells.append(f"{times[best]:.1f} ({best})")
                else:
                    least = min(min(p[2] for p in c) for c in curves.values())
                    cells.append(f"not reached ({least:.3f})")
            lines.append(f"| {titles.get(who, who)} | " + " | ".join(cells) + " |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _stream(record: dict) -> str:
    lines = [
        "## Rows that stay on disk\n",
        "Milliseconds a training step of `elute train`, median of the rounds; the same bits.\n",
        "| d, n, k, batch | on disk | in memory | read while training | ratio | memory when reading |",
        "|---|--:|--:|--:|--:|---|"]
    for key, results in record["stream"].items():
        rounds = results.get("rounds")
        if not rounds:
            continue
        limits = {r["limit_gb"] for r in rounds}
        shape, size = key.split(" ", 1)
        width = int(shape.split(",")[0])
        gigabytes = int(size.split()[0]) * width * 4 / 1e9
        memory = (
            ", ".join(f"{x:g} GB" for x in sorted(limits)) if None not in limits
            else "NOT limited: the system may have kept the file in memory")
        lines.append(
            f"| {shape} | {size}, {gigabytes:.2g} GB | {_median(rounds, 'memory_ms')} | "
            f"{_median(rounds, 'read_ms')} | "
            f"{statistics.median(r['read_ms'] / r['memory_ms'] for r in rounds):.2f} | {memory}"
            f"{'' if all(r['caches_dropped'] for r in rounds) else '; caches not dropped before'} |")
    return "\n".join(lines) + "\n"


def _seeds(record: dict) -> str:
    lines = [
        "## Several seeds at once\n",
        "Milliseconds for a step of each of four seeds, median of the rounds; the same bits.\n",
        "| d, n, k, batch | one after the other | at once | saved |", "|---|--:|--:|--:|"]
    for key, results in record["seeds"].items():
        rounds = results.get("rounds")
        if rounds:
            saved = statistics.median(1 - r["together_ms"] / r["alone_ms"] for r in rounds)
            lines.append(
                f"| {key} | {_median(rounds, 'alone_ms')} | {_median(rounds, 'together_ms')} | "
                f"{100 * saved:.0f} % |")
    return "\n".join(lines) + "\n"


def _median(rounds: list, field: str) -> str:
    ms = statistics.median(r[field] for r in rounds)
    return f"{ms:.2f}" if ms < 10 else _number(ms)
