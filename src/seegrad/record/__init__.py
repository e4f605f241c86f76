"""The glass box: record what happens, then play it, question it, and draw it."""

from __future__ import annotations

from seegrad.record.event import Event
from seegrad.record.lens import lens
from seegrad.record.nudge import Nudge, nudge
from seegrad.record.quiz import Quiz, quiz
from seegrad.record.receipt import Receipt
from seegrad.record.recording import record, recording
from seegrad.record.tape import Tape
from seegrad.record.zoom import Zoom

__all__ = [
    "Event",
    "Nudge",
    "Quiz",
    "Receipt",
    "Tape",
    "Zoom",
    "lens",
    "nudge",
    "quiz",
    "record",
    "recording",
]
