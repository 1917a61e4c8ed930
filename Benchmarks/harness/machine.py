"""The machine: what it is, and what else used it while something was timed."""

import os
import platform
import re
import subprocess
import time
from multiprocessing import get_context


def _first(path: str, pattern: str) -> str:
    try:
        with open(path) as file:
            match = re.search(pattern, file.read(), re.M)
    except OSError:
        match = None
    return match.group(1).strip() if match else ""


def is_amd() -> bool:
    return _first("/proc/cpuinfo", r"^vendor_id\s*:\s*(.*)$") == "AuthenticAMD"


def describe() -> dict:
    cpu = _first("/proc/cpuinfo", r"^model name\s*:\s*(.*)$") or platform.processor() or "unknown"
    flags = set(_first("/proc/cpuinfo", r"^flags\s*:\s*(.*)$").split())
    interesting = ["avx2", "avx512f", "avx512_bf16", "avx_vnni", "avx512_vnni", "amx_bf16", "amx_int8"]
    return {
        "cpu": cpu,
        "is_amd": is_amd(),
        "family_model_stepping": "/".join(
            _first("/proc/cpuinfo", rf"^{key}\s*:\s*(.*)$") for key in ("cpu family", "model", "stepping")),
        "instructions": [flag for flag in interesting if flag in flags],
        "virtual": "hypervisor" in flags,
        "processors": os.cpu_count(),
        "memory": _first("/proc/meminfo", r"^MemTotal:\s*(.*)$"),
        "kernel": platform.release(),
        "huge_pages": _first("/sys/kernel/mm/transparent_hugepage/enabled", r"\[(\w+)\]"),
        "python": platform.python_version(),
    }


def slug(cpu: str) -> str:
    words = re.sub(r"\((R|TM)\)|CPU|@.*|Processor", " ", cpu)
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "cpu"


def output_of(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


class Disturbance:
    """How much of the processors others used between two moments, from /proc; 0 where there is none."""

    def __init__(self, processes: list[int]):
        self.processes = processes + [os.getpid()]
        self.begin = self._now()

    def share(self) -> dict[str, float]:
        wall, busy, stolen, own = (b - a for a, b in zip(self.begin, self._now()))
        all_of_it = max(wall, 1e-9) * (os.cpu_count() or 1)
        return {
            "others": round(max(0.0, busy - own) / all_of_it, 4),
            "stolen": round(stolen / all_of_it, 4),
        }

    def _now(self) -> tuple[float, float, float, float]:
        tick = os.sysconf("SC_CLK_TCK")
        try:
            with open("/proc/stat") as file:
                fields = [int(x) / tick for x in file.readline().split()[1:9]]
        except OSError:
            return time.perf_counter(), 0, 0, 0
        busy = sum(fields[i] for i in (0, 1, 2, 5, 6))
        return time.perf_counter(), busy, fields[7], sum(self._used(p) / tick for p in self.processes)

    @staticmethod
    def _used(process: int) -> int:
        try:
            with open(f"/proc/{process}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            return 0
        return int(fields[11]) + int(fields[12])


def _spin(processor: int, seconds: float, barrier, answers) -> None:
    os.sched_setaffinity(0, {processor})
    barrier.wait()
    begin = last = time.perf_counter()
    lost = 0.0
    while last - begin < seconds:
        now = time.perf_counter()
        if now - last > 2e-4:
            lost += now - last
        last = now
    answers.put(lost / seconds)


def lost_by_spinning(threads: int, seconds: float = 0.5) -> float | None:
    """The largest share of time that pinned spinning processes lost: under 0.03 where cores are free."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    processors = sorted(os.sched_getaffinity(0))[:threads]
    context = get_context("fork")
    barrier, answers = context.Barrier(len(processors)), context.Queue()
    spinning = [
        context.Process(target=_spin, args=(p, seconds, barrier, answers)) for p in processors]
    for process in spinning:
        process.start()
    lost = [answers.get() for _ in spinning]
    for process in spinning:
        process.join()
    return round(max(lost), 4)
