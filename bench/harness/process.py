"""An engine's process as the parent sees it: start it, ask it, stop it.

A process that dies takes nobody with it: the question it did not answer raises
`EngineError` with the last line that it said. While an engine is not asked anything it
is halted, because the threads of some libraries go on spinning after their work.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from bench.harness.environment import engine_environment
from bench.harness.settings import thread_count

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 300.0  # seconds for one answer; compiling takes the longest


class EngineError(Exception):
    """An engine did not do what it was asked, and why."""


class EngineProcess:
    """The process of one engine, with a pipe in each direction."""

    def __init__(
        self, engine: str, threads: str, extra: Mapping[str, str] | None = None
    ) -> None:
        environment = engine_environment(os.environ, thread_count(threads))
        self.engine = engine
        self.said = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.harness.worker", engine, threads],
            cwd=ROOT,
            env={**environment, **(extra or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            text=True,
        )

    def ready(self) -> dict[str, Any]:
        """Wait until the engine is imported; EngineError if it cannot be."""
        return self._answer()

    def halt(self) -> None:
        """Let none of its threads run until the next question."""
        self._signal("SIGSTOP")

    def _signal(self, name: str) -> None:
        number = getattr(signal, name, None)  # Windows has neither of the two
        if number is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a command and wait for its answer; EngineError if it fails."""
        assert self.process.stdin
        self._signal("SIGCONT")
        try:
            self.process.stdin.write(
                json.dumps({"command": command} | arguments) + "\n"
            )
            self.process.stdin.flush()
        except OSError:
            raise EngineError(self._last_words()) from None
        found = self._answer()
        self.halt()
        return found

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(PATIENCE):
                self.process.kill()
                raise EngineError(f"no answer within {PATIENCE:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise EngineError(self._last_words())
        found: dict[str, Any] = json.loads(line)
        if "error" in found:
            raise EngineError(found["error"])
        return found

    def _last_words(self) -> str:
        status = self.process.wait()
        self.said.seek(0)
        lines = [line.strip() for line in self.said if line.strip()]
        return f"the process ended with {status}: {lines[-1] if lines else 'silent'}"

    def stop(self) -> None:
        """End the process and free the pipes."""
        self._signal("SIGCONT")
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # the last words were never read
                    pipe.close()
        try:
            self.process.wait(10.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.said.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
