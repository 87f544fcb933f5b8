"""The limited process in which letters are read: `python -m provodnik.channels.email.child`.

Frames, both ways: four bytes of length (big-endian), a JSON header of that length, then raw bytes whose
sizes the header tells. No pickle: what comes back from a process that read hostile bytes is only data.
"""

import os
import resource
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO

from .frames import pack, pack_failure, read_request
from .parse.values import Understood
from .parse.whole import understand

MEMORY = 512 * 1024 * 1024  # A01: a letter that wants more is quarantined
CPU_SECONDS = 20  # per letter; the parent's wall clock is the first to strike


def limit(memory: int, cpu_seconds: int) -> None:
    """Limits that the kernel keeps: memory, processor time from now on, no files."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    renew(cpu_seconds)


def renew(cpu_seconds: int) -> None:
    """Another `cpu_seconds` of processor time for the next letter."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def serve(source: BinaryIO, sink: BinaryIO, reader: Callable[..., Understood] = understand) -> None:
    """Answers requests until the parent closes the pipe."""
    while (request := read_request(source)) is not None:
        authserv_ids, raw = request
        renew(CPU_SECONDS)
        letter = reader(raw, authserv_ids=authserv_ids)
        # A mistake of ours, or no memory left: the letter is better kept for a retry than shown half read.
        failed = "not_understood" in letter.notes
        for piece in pack_failure("not_understood") if failed else pack(letter):
            sink.write(piece)
        sink.flush()


def main(reader: Callable[..., Understood] = understand) -> None:
    """Takes the pipes for itself, so that nothing a library prints gets between the frames."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    limit(int(os.environ.get("PROVODNIK_READER_MEMORY", MEMORY)), CPU_SECONDS)
    try:
        serve(source, sink, reader)
    except (BrokenPipeError, struct.error, KeyboardInterrupt):
        sys.exit(0)


if __name__ == "__main__":
    main()
