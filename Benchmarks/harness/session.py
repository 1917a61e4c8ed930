"""What a call of the harness works with: its options, the results so far, and its place on the machine."""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import IO

from . import machine
from .contestants import FOLDER

ROOT = os.path.dirname(FOLDER)


@dataclass
class Session:
    results: str
    elute: str
    python: str
    threads: int
    rounds: int
    seconds: float
    lock: str | None
    hold: float
    only: list[str]
    scratch: str
    record: dict = field(default_factory=dict)
    begin: float = field(default_factory=time.monotonic)
    # The processes of the contestants that are alive, so that their own work is not taken for others'.
    alive: list[int] = field(default_factory=list)
    preload: str | None = None
    held: IO | None = None
    held_since: float = 0.0
    # Open, and locked against a second call, for as long as this one lasts.
    place: int | None = None

    def __post_init__(self):
        if os.path.exists(self.results):
            with open(self.results) as file:
                self.record = json.load(file)

    def begin_measuring(self) -> None:
        """Notes what is measured where; results of another machine are not gone on with."""
        self.place = os.open(self.scratch, os.O_RDONLY)
        try:
            fcntl.flock(self.place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(f"{self.scratch}: another call works here; wait for it") from None
        here, threads = machine.describe(), self.threads
        there = self.record.setdefault("machine", here)
        if (there["cpu"], self.record.setdefault("threads", threads)) != (here["cpu"], threads):
            raise OSError(
                f"{self.results}: results of {self.record['threads']} threads on {there['cpu']}, "
                f"not of {threads} on {here['cpu']}; give another file by --results")
        self.record.setdefault("date", time.strftime("%Y-%m-%d"))
        self.record.setdefault("versions", {})["elute"] = self.commit()

    def commit(self) -> str:
        """The last commit of what is measured, with a mark where there are changes on top."""
        git, paths = ["git", "-C", ROOT], ["--", "Sources", "Package.swift"]
        dirty = machine.output_of(*git, "status", "--porcelain", *paths)
        return (machine.output_of(*git, "log", "-1", "--format=%h", "--abbrev=12", *paths)
                or "unknown") + ("+changes" if dirty else "")

    def takes_part(self, name: str) -> bool:
        return not self.only or name.split("@")[0] in self.only

    @property
    def is_out_of_time(self) -> bool:
        return time.monotonic() - self.begin > self.seconds

    def save(self) -> None:
        os.makedirs(os.path.dirname(self.results), exist_ok=True)
        temporary = self.results + ".tmp"
        with open(temporary, "w") as file:
            json.dump(self.record, file, indent=1)
            file.write("\n")
        os.replace(temporary, self.results)

    def section(self, stage: str, key: str) -> dict:
        """The results of one stage for one key; those of another version of Elute are not mixed in."""
        kept = self.record.setdefault(stage, {}).setdefault(key, {})
        version = self.record["versions"]["elute"]
        if kept.setdefault("elute", version) != version:
            say(f"{stage} {key}: begun again, the results were of Elute {kept['elute']}")
            choices = kept.get("choices")
            kept = self.record[stage][key] = {"elute": version}
            if choices:
                kept["choices"] = choices
        return kept

    @contextlib.contextmanager
    def turn(self):
        """While it lasts, nobody else who respects the lock works on this machine.

        The lock is kept from turn to turn and given up, so that others can have theirs, when it has
        been held for long.
        """
        if self.lock:
            if self.held and time.monotonic() - self.held_since > self.hold:
                self.held.close()
                self.held = None
                time.sleep(1)
            if not self.held:
                self.held = open(self.lock, "a")
                fcntl.flock(self.held, fcntl.LOCK_EX)
                self.held_since = time.monotonic()
        yield

    @contextlib.contextmanager
    def started(self, contestant):
        self.alive.append(contestant.process.pid)
        try:
            yield contestant
        finally:
            self.alive.remove(contestant.process.pid)
            contestant.close()

    def run_elute(self, *arguments: str) -> str:
        done = subprocess.run([self.elute, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"elute {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def planted(self, shape, batches: int = 4) -> str:
        """Planted rows of a shape, written by Elute once and read by everyone."""
        path = os.path.join(self.scratch, f"planted-{shape.name.replace(',', '-')}-{batches}.npy")
        if not os.path.exists(path):
            self.run_elute(
                "benchmark", "step", "--d-in", str(shape.d_in), *shape.flags,
                "--rows", str(batches * shape.batch), "--threads", str(self.threads),
                "--export", path)
        return path


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
