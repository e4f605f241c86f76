"""A module owns what is written on it: walking, saving, loading, switching."""

import copy

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import InputTypeError, ShapeError, StateError


class Block(nn.Module):
    """Two linear layers in a list, one in a dictionary, a scale and a buffer."""

    def __init__(self):
        self.scale = nn.Parameter([1.0, 2.0])
        self.steps = [nn.Linear(2, 2, seed=0), nn.Linear(2, 2, bias=False, seed=1)]
        self.heads = {"left": nn.Linear(2, 1, seed=2)}
        self.seen = sg.tensor([0, 0])
        self.title = "not a part"

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return self.heads["left"](x * self.scale)


NAMES = [
    "scale",
    "seen",
    "steps.0.weight",
    "steps.0.bias",
    "steps.1.weight",
    "heads.left.weight",
    "heads.left.bias",
]


def test_what_is_written_on_a_module_is_found():
    """Attributes, lists and dictionaries; names say where; buffers are not learned."""
    block = Block()
    assert set(NAMES) == set(block.state_dict())
    assert [name for name in NAMES if name != "seen"] == [
        name for name, _ in block.named_parameters()
    ]
    assert [("seen", block.seen)] == block.named_buffers()
    assert [*block.steps, block.heads["left"]] == block.children()
    assert ["", "steps.0", "steps.1", "heads.left"] == [
        name for name, _ in block.named_modules()
    ]
    assert [block.seen] == block.buffers()


def test_no_constructor_needs_to_be_called():
    """There is no registration, so there is nothing to forget."""

    class Forgetful(nn.Module):
        def __init__(self):
            self.inner = nn.Linear(2, 1, seed=0)

        def forward(self, x):
            return self.inner(x)

    model = Forgetful()
    assert 2 == len(model.parameters())
    assert model.training
    assert not model.eval().inner.training


def test_what_is_replaced_or_deleted_is_gone():
    """The walk looks at the attributes as they are now."""
    block = Block()
    block.steps[0] = nn.Tanh()
    del block.heads
    assert ["scale", "steps.1.weight"] == [n for n, _ in block.named_parameters()]


def test_the_result_of_a_computation_is_not_a_possession():
    """A module may keep what it computed last; it is not saved."""
    layer = nn.Linear(2, 1, seed=0)
    layer.last = layer([1.0, 2.0])
    assert ["weight", "bias"] == list(layer.state_dict())


def test_a_set_of_modules_is_refused():
    """A set has no order and so no names; nothing is silently missed."""
    model = nn.Module()
    model.layers = {nn.Tanh(), nn.ReLU()}
    with pytest.raises(InputTypeError, match="'layers' is a set"):
        model.parameters()
    model.layers = {1, 2}
    assert [] == model.parameters()


def test_a_module_that_holds_itself_is_walked_once():
    """A child may know its parent."""
    model = nn.Sequential(nn.Linear(2, 1, seed=0))
    model[0].parent = model
    assert ["0.weight", "0.bias"] == [name for name, _ in model.named_parameters()]


def test_without_forward_the_error_says_so():
    """An unfinished module names itself."""
    with pytest.raises(NotImplementedError, match=r"Module has no forward\(\)"):
        nn.Module()(1.0)


def tied():
    """Two layers that share one weight."""
    model = nn.Sequential(nn.Linear(2, 2, seed=0), nn.Linear(2, 2, seed=1))
    model[1].weight = model[0].weight
    return model


def test_shared_parameters_count_once_and_stay_shared():
    """In lists, in the summary, in a saved state, and after loading."""
    model = tied()
    assert ["0.weight", "0.bias", "1.bias"] == list(model.state_dict())
    assert 3 == len(model.parameters())
    assert 8 == model.summary().total
    fresh = tied()
    fresh.load_state_dict({n: a + 1 for n, a in model.state_dict().items()})
    assert fresh[1].weight is fresh[0].weight
    assert np.array_equal(model[0].weight.data + 1, fresh[1].weight.data)


def test_a_shared_parameter_may_be_saved_under_all_its_names():
    """As PyTorch does; the contents must agree."""
    model, state = tied(), tied().state_dict()
    model.load_state_dict(state | {"1.weight": state["0.weight"]})
    with pytest.raises(StateError, match=r"differs from 0\.weight"):
        model.load_state_dict(state | {"1.weight": state["0.weight"] + 1})


def test_a_saved_state_is_a_copy():
    """Training on does not change it, and changing it does not change the model."""
    model = nn.Linear(2, 1, seed=0)
    state = model.state_dict()
    state["weight"][:] = 7.0
    assert not (model.weight.data == 7.0).any()


def test_loading_gives_the_same_function():
    """Weights travel as arrays or tensors, in any order."""
    first, second = nn.MLP(2, [3], 1, seed=0), nn.MLP(2, [3], 1, seed=1)
    state = dict(reversed(first.state_dict().items()))
    state["0.weight"] = sg.tensor(state["0.weight"])
    second.load_state_dict(state)
    x = [[0.5, -1.0]]
    assert first(x).item() == second(x).item()


def test_all_that_does_not_fit_is_said_at_once_and_nothing_is_loaded():
    """Missing, surplus, another shape, another kind: one error, no change."""
    model = nn.MLP(2, [3], 1, seed=0)
    before = model.state_dict()
    state = {name: array + 1 for name, array in before.items()}
    state["0.weight"] = np.zeros((2, 3))
    state["2.bias"] = np.zeros(1, np.int64)
    state["2.weight"] = np.array([["a", "b", "c"]])
    state["9.weight"] = state.pop("0.bias")
    with pytest.raises(StateError) as caught:
        model.load_state_dict(state)
    for problem in (
        "0.weight: shape (2, 3) where (3, 2) was expected",
        "2.bias: integers where floats were expected",
        "2.weight: <U1, which is not a kind of number",
        "9.weight: surplus",
        "0.bias: missing",
    ):
        assert problem in str(caught.value)
    assert str(before) == str(model.state_dict())


def test_what_is_missing_or_surplus_may_be_passed_over():
    """strict=False loads what there is; a wrong shape is still an error."""
    model = nn.Linear(2, 1, seed=0)
    model.load_state_dict({"bias": np.array([7.0]), "other": np.zeros(3)}, strict=False)
    assert 7.0 == model.bias.item()
    with pytest.raises(StateError, match="shape"):
        model.load_state_dict({"bias": np.zeros(2)}, strict=False)
    with pytest.raises(InputTypeError, match="not list"):
        model.load_state_dict([1.0])


def test_modes_reach_all_modules():
    """train() and eval() switch everything inside and give the module back."""
    model = nn.Sequential(nn.Dropout(), nn.Sequential(nn.Dropout()))
    assert model is model.eval()
    assert [False] * 4 == [module.training for _, module in model.named_modules()]
    model[0].train()
    assert [False, True, False, False] == [m.training for _, m in model.named_modules()]
    with pytest.raises(InputTypeError, match="True or False"):
        model.train("yes")


def test_zero_grad_forgets_every_gradient():
    """Gradients are None again."""
    model = nn.MLP(2, [3], 1, seed=0)
    model([[1.0, 2.0]]).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_the_repr_is_a_tree():
    """As PyTorch prints it."""
    model = nn.Sequential(nn.Flatten(), nn.MLP(4, [], 2, seed=0), nn.Softmax(dim=1))
    assert (
        "Sequential(\n"
        "  (0): Flatten(start_dim=1, end_dim=-1)\n"
        "  (1): MLP(\n"
        "    (0): Linear(4 -> 2)\n"
        "  )\n"
        "  (2): Softmax(dim=1)\n"
        ")"
    ) == repr(model)


def test_an_error_says_which_layer_of_which_module_it_came_from():
    """The innermost names itself; each one around it says which part that was."""

    class Model(nn.Module):
        def __init__(self):
            self.encoder = nn.Sequential(nn.Tanh(), nn.Linear(3, 16, seed=0))

        def forward(self, x):
            return self.encoder(x)

    with pytest.raises(ShapeError) as caught:
        Model()(np.zeros((64, 2)))
    assert [
        "cannot multiply (64, 2) by (3, 16): the inner sizes 2 and 3 differ",
        "  in   Linear(3 -> 16), layer 1 of Sequential, encoder of Model",
        "  try  Linear(2, 16), or check that x has shape (batch, 3)",
    ] == str(caught.value).splitlines()


def test_an_error_that_knows_its_place_keeps_it():
    """A loss computed inside a module is still named."""

    class Inner(nn.Module):
        def forward(self, x):
            raise ShapeError("too flat", where="mse")

    with pytest.raises(ShapeError) as caught:
        nn.Sequential(Inner())(1.0)
    assert "mse, in Inner(), layer 0 of Sequential" == caught.value.where


def test_a_model_can_be_copied():
    """A deep copy is equal and independent, and what was tied stays tied."""
    model = tied()
    model[0].weight.requires_grad = False
    twin = copy.deepcopy(model)
    assert twin[0].weight is twin[1].weight
    assert isinstance(twin[0].weight, nn.Parameter)
    assert not twin[0].weight.requires_grad
    twin[0].weight.assign(np.zeros((2, 2)))
    assert model[0].weight.data.any()


class Guarded:
    """A tensor of another library that will not become an array."""

    def __array__(self, *_, **__):
        raise RuntimeError("it needs a gradient, use detach()")


def test_what_cannot_be_an_array_is_named_and_nothing_is_loaded():
    """A guarded tensor of another library, and lists of unequal length."""
    linear = nn.Linear(2, 1, seed=0)
    before = linear.state_dict()
    with pytest.raises(StateError) as caught:
        linear.load_state_dict({"weight": Guarded(), "bias": [[1.0], [1.0, 2.0]]})
    assert "weight: not an array: it needs a gradient" in str(caught.value)
    assert "bias: not an array: " in str(caught.value)
    assert "missing" not in str(caught.value)
    for name, array in linear.state_dict().items():
        assert np.array_equal(before[name], array)


def test_a_circle_of_modules_is_walked_once():
    """A holds B, B holds C, and C holds A again: nothing is counted twice."""

    class Link(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter([1.0])

    a, b, c = Link(), Link(), Link()
    a.next, b.next, c.next = b, c, a
    assert ["weight", "next.weight", "next.next.weight"] == [
        name for name, _ in a.named_parameters()
    ]
