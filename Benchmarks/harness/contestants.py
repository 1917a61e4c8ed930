"""The programs that take turns: each a process that works only when it is asked for a step."""

import json
import os
import subprocess
import tempfile

from .plan import Peer, Shape, Variant

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Failed(Exception):
    """A contestant could not do what it was asked."""


class Contestant:
    """A process that answers lines by lines of JSON."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None):
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            env={**os.environ, **(environment or {})})

    def ask(self, line: str) -> dict:
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            self.process.wait()
            self.errors.seek(0)
            said = self.errors.read().strip().splitlines()
            raise Failed(said[-1] if said else f"ended with status {self.process.returncode}")
        value = json.loads(answer)
        if "error" in value:
            raise Failed(value["error"])
        return value

    def close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()


class Elute(Contestant):
    def __init__(self, elute: str, shape: Shape, data: str, threads: int):
        super().__init__(
            [elute, "benchmark", "step", "--paced", "--data", data, *shape.flags,
             "--warmup", str(shape.warmup), "--repeats", "1000000", "--threads", str(threads)])

    def steps(self, count: int) -> list[dict]:
        return [self.ask("step") for _ in range(count)]


class PeerProcess(Contestant):
    def __init__(
        self, python: str, peer: Peer, variant: Variant, shape: Shape, data: str, threads: int,
        extra: list[str] = (), preload: str | None = None,
    ):
        count = str(threads)
        environment = {"OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, **variant.environment}
        if preload:
            environment["LD_PRELOAD"] = preload
        super().__init__(
            [python, os.path.join(FOLDER, "peers", "worker.py"), "--peer", peer.module,
             "--variant", variant.words, "--data", data, *shape.flags, "--threads", count, *extra],
            environment)

    def steps(self, count: int) -> list[dict]:
        return [{"step_ms": ms} for ms in self.ask(f"steps {count}")["step_ms"]]
