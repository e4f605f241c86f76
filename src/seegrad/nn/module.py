"""A module is a piece of a network: a function that owns what it has learned.

There is no registration. What you write on ``self`` is what the module has: its
parameters are the `Parameter` attributes, its buffers the other tensors, its children
the modules, also those inside lists, tuples and dictionaries. Everything below is a
walk over plain attributes. Call a module like a function; say what it does in
`forward`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import numpy as np

from seegrad.errors import InputTypeError, SeegradError
from seegrad.mode import changes
from seegrad.nn._call import located, mode
from seegrad.nn._state import load, saved
from seegrad.nn._walk import flat
from seegrad.nn.parameter import Parameter
from seegrad.nn.summary import Summary
from seegrad.tensor import Tensor


class Sample(NamedTuple):
    """An example of a layer: how to make one, and the shape of what it takes."""

    layer: type[Module]
    shape: tuple[int, ...]
    arguments: tuple[Any, ...]
    settings: dict[str, Any]

    def make(self) -> Module:
        """The layer of this example."""
        return self.layer(*self.arguments, **self.settings)


class Module:
    """A piece of a network. Subclass it, set attributes, and write `forward`.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Parameter(2.0)
    ...
    ...     def forward(self, x):
    ...         return self.slope * x
    >>> Line()(3.0).item()
    6.0
    """

    training: bool = True  # Dropout and its kind look at it; set by train() and eval()
    samples: ClassVar[list[Sample]] = []  # tests, docs and drawings go through these

    def forward(self, *args: Any, **settings: Any) -> Any:
        """What the module computes; each module writes its own."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward(): write one that returns a tensor"
        )

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if mode.guide is not None:
            return self._guided(args, settings, mode.guide)
        try:
            out = self.forward(*args, **settings)
        except SeegradError as error:
            located(error, self)
            raise
        if mode.watcher is not None:
            mode.watcher(self, args, out)
        return out

    def _guided(self, args: Any, settings: Any, guide: Any) -> Any:
        guide.enter(self)
        try:
            return self.forward(*args, **settings)
        except SeegradError as error:
            located(error, self)
            raise
        finally:
            guide.leave()

    def __setattr__(self, name: str, value: Any) -> None:
        changes[0] += 1  # a compiled step looks again at what it depends on
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        changes[0] += 1
        object.__delattr__(self, name)

    # What it owns -------------------------------------------------------------------

    def parts(self) -> Mapping[str, Any]:
        """The attributes that are walked, by name; a container may rename them."""
        return vars(self)

    def named_children(self) -> list[tuple[str, Module]]:
        """The modules directly inside this one, each once, with their names."""
        return _once(flat(self.parts(), (Module,)))

    def children(self) -> list[Module]:
        """The modules directly inside this one."""
        return [module for _, module in self.named_children()]

    def named_modules(self) -> list[tuple[str, Module]]:
        """The module itself (named "") and all inside it, each once, outer first."""
        return _once(self._modules())

    def _modules(self, within: tuple[Module, ...] = ()) -> Iterator[tuple[str, Module]]:
        """Every module under every name it goes by; a circle is walked once."""
        yield "", self
        for name, child in flat(self.parts(), (Module,)):
            if child is not self and child not in within:
                for path, module in child._modules((*within, self)):
                    yield f"{name}.{path}" if path else name, module

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Every parameter and buffer under every name it goes by."""
        for path, module in self._modules():
            for name, tensor in flat(module.parts(), (Tensor,)):
                if not tensor.inputs:  # the result of a computation is not a possession
                    yield f"{path}.{name}" if path else name, tensor

    def named_parameters(self) -> list[tuple[str, Parameter]]:
        """Every parameter once, with its name as in PyTorch: "0.weight".

        A parameter used in two places has the name of the first.
        """
        return [(n, p) for n, p in _once(self._tensors()) if isinstance(p, Parameter)]

    def parameters(self) -> list[Parameter]:
        """Every parameter once, in the order in which the attributes were set."""
        return [p for _, p in self.named_parameters()]

    def named_buffers(self) -> list[tuple[str, Tensor]]:
        """Every tensor that is kept but not learned, once, with its name."""
        return [
            (n, b) for n, b in _once(self._tensors()) if not isinstance(b, Parameter)
        ]

    def buffers(self) -> list[Tensor]:
        """Every tensor that is kept but not learned: running means and the like."""
        return [b for _, b in self.named_buffers()]

    # Saving, loading, switching -----------------------------------------------------

    def state_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """Copies of all parameters and buffers by name, as plain NumPy arrays.

        The names are PyTorch's; a tensor used in two places is saved once.
        """
        return saved(_once(self._tensors()))

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> None:
        """Take over what `state_dict` gave, here or in PyTorch (as arrays).

        Raises one StateError that lists everything missing, surplus, of another shape
        or of another kind of number; then nothing has been loaded. What is missing or
        surplus is passed over with ``strict=False``.
        """
        load(title(self), list(self._tensors()), state, strict)

    def train(self, training: bool = True) -> Self:
        """Switch this module and all inside it to training (or, with False, back)."""
        if not isinstance(training, bool):
            raise InputTypeError(
                f"train() takes True or False, not {training!r}",
                where=title(self),
                hint="model.train(), then model.eval() before predicting",
            )
        for _, module in self.named_modules():
            module.training = training
        return self

    def eval(self) -> Self:
        """Switch to predicting: dropout stands still."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        for p in self.parameters():
            p.zero_grad()

    # Showing itself -----------------------------------------------------------------

    def describe(self) -> str:
        """What stands between the brackets of the repr: the settings of the layer."""
        return ""

    def __repr__(self) -> str:
        lines = [
            f"  ({name}): " + repr(child).replace("\n", "\n  ")
            for name, child in self.named_children()
        ]
        if not lines:
            return title(self)
        return "\n".join([f"{type(self).__name__}({self.describe()}", *lines, ")"])

    def summary(self, x: Any = None) -> Summary:
        """A table of the layers, their shapes, parameters and bytes, as in Keras.

        ``x`` is an input, or the shape of one example without the batch. Without it, a
        network that begins with a layer of known input size needs no more.
        """
        return Summary(self, x)

    @classmethod
    def sample(cls, shape: tuple[int, ...], *arguments: Any, **settings: Any) -> None:
        """Add an example: the shape of an input, and how to make the layer."""
        Module.samples.append(Sample(cls, shape, arguments, settings))


def title(module: Module) -> str:
    """A module in one line: Linear(3 -> 16)."""
    return f"{type(module).__name__}({module.describe()})"


Named = TypeVar("Named")


def _once(named: Iterable[tuple[str, Named]]) -> list[tuple[str, Named]]:
    """Each thing under the first of its names."""
    first: dict[int, tuple[str, Named]] = {}
    for name, thing in named:
        first.setdefault(id(thing), (name, thing))
    return list(first.values())
