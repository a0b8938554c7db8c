"""An append-only file of changes, so that a killed process loses nothing that it has answered."""

import json
import os
import threading


class Journal:
    """Commits of one service since its last snapshot. One commit is one line and one write, so it is whole or absent.

    A commit is a list of changes. Changes name what they change and carry its whole new value: replaying a journal,
    or a part of it twice, over an older or newer snapshot ends in the same state.

    The lines reach the operating system before the caller goes on, which outlives the process. They are not forced to
    the disk: a power cut may lose the last ones.
    """

    def __init__(self, path: str):
        self._path = path
        self._lock = threading.Lock()
        self._file = -1

    def open(self) -> None:
        """Opens the file for appending; what a killed process left half written is cut off."""
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        content = self._read()
        if content and not content.endswith(b"\n"):
            os.ftruncate(self._file, content.rfind(b"\n") + 1)

    def replay(self):
        """Yields the changes of all commits, oldest first."""
        for line in self._read().splitlines():
            yield from json.loads(line)

    def commit(self, changes: list) -> None:
        """Appends the changes of one answered request."""
        if not changes:
            return
        line = json.dumps(changes, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            written = os.write(self._file, line)
        if written != len(line):
            raise OSError(f"the disk is full: {self._path}")

    def clear(self) -> None:
        """Forgets everything: a snapshot holds it now."""
        with self._lock:
            os.ftruncate(self._file, 0)

    def size(self) -> int:
        """Bytes that the journal holds."""
        return os.fstat(self._file).st_size

    def _read(self) -> bytes:
        with open(self._path, "rb") as file:
            return file.read()
