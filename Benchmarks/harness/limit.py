"""A limit on a command's memory, by a control group of Linux, where this user may make one."""

import os
import subprocess

# Where a group's folder is made, and the file that takes its limit: versions 1 and 2.
PLACES = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")]


class MemoryLimit:
    """While it lasts, `prefix` puts a command under the limit; empty where there is none."""

    def __init__(self, limit: int | None):
        self.limit = limit
        self.folder = None

    def __enter__(self):
        for place, name in PLACES if self.limit else []:
            folder = f"{place}/elute-benchmark-{os.getpid()}"
            try:
                os.mkdir(folder)
            except OSError:
                continue
            try:
                # A group without the controller has no such file, and the system makes none.
                with open(f"{folder}/{name}", "r+") as file:
                    file.write(str(self.limit))
                self.folder = folder
                break
            except OSError:
                os.rmdir(folder)
        return self

    def __exit__(self, *_):
        if self.folder:
            os.rmdir(self.folder)

    @property
    def prefix(self) -> tuple[str, ...]:
        if not self.folder:
            return ()
        return ("sh", "-c", 'echo $$ > "$0"/cgroup.procs && exec "$@"', self.folder)


def drop_caches() -> bool:
    """Has the system forget the files that it keeps in memory; whether this user may."""
    subprocess.run(["sync"], check=True)
    try:
        with open("/proc/sys/vm/drop_caches", "w") as file:
            file.write("3")
    except OSError:
        return False
    return True
