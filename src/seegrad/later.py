"""What most programs never ask for is loaded when somebody asks for it.

Compiler, recorder, doctor and drawings are more than half of the library, and of the
time its import would take. So the module `seegrad`, asked for a name that is not there
yet, loads the folder that has it, and keeps the name.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import MethodType, ModuleType
from typing import Any

# A name is looked for in this order; what is loaded on the way to one weighs little.
FOLDERS = ("compiler", "record", "diagnosis", "draw")


class Library(ModuleType):
    """The module `seegrad`: some of its public names are there when they are used."""

    __all__: list[str]

    def look_for(self, name: str) -> Any:
        """What is not there yet. Whatever goes wrong while it is loaded is raised."""
        if name in FOLDERS:
            return _own_name(_loaded(name), name)
        for folder in FOLDERS if name in self.__all__ else ():
            if name in (part := _loaded(folder)).__all__:
                setattr(self, name, getattr(part, name))
                return getattr(part, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        """Python hangs every folder here that it loads, even in place of `record`."""
        if name in FOLDERS and isinstance(value, ModuleType):
            value = _own_name(value, name)
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        """What is public: tab completion shows no files and no imports."""
        special = (name for name in super().__dir__() if name.startswith("__"))
        return sorted({*special, *FOLDERS, *self.__all__})

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        return import_module, (self.__name__,)  # pickled by name, like other modules


def load_later(module: ModuleType) -> None:
    """Make `seegrad` such a module, once the rest of it is there."""
    module.__class__ = Library
    # As `__getattr__` of the class it would triple what it costs to read `sg.x`.
    vars(module)["__getattr__"] = MethodType(Library.look_for, module)


def _loaded(folder: str) -> ModuleType:
    try:
        return import_module(f"seegrad.{folder}")
    except AttributeError as error:  # would be taken for "seegrad has no such name"
        raise ImportError(f"seegrad.{folder} cannot be loaded: {error}") from error


def _own_name(folder: ModuleType, name: str) -> Any:
    """The folder, or what has its name in it: `seegrad.record` is a function."""
    return getattr(folder, name, folder)
