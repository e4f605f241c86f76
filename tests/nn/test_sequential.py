"""Layers one after the other, as a list that computes."""

import pytest

from seegrad import nn
from seegrad.errors import ArgumentError, IndexRangeError, InputTypeError


def three():
    """Linear, Tanh, Linear."""
    return nn.Sequential(nn.Linear(2, 3, seed=0), nn.Tanh(), nn.Linear(3, 1, seed=1))


def test_it_computes_its_layers_in_turn():
    """The same as calling them by hand."""
    model, x = three(), [[1.0, -2.0]]
    by_hand = x
    for layer in model:
        by_hand = layer(by_hand)
    assert by_hand.item() == model(x).item()


def test_it_is_a_list():
    """Length, position from both ends, slices that share the layers."""
    model = three()
    assert [3, 2] == [len(model), len(model[:2])]
    assert model.layers[2] is model[-1]
    assert isinstance(model[1:], nn.Sequential)
    assert model[1:][1].weight is model[2].weight
    with pytest.raises(IndexRangeError, match="there is no layer 3; there are 3"):
        model[3]


def test_layers_can_be_added():
    """append gives the network back."""
    model = three()
    assert model is model.append(nn.Sigmoid())
    assert isinstance(model[3], nn.Sigmoid)


@pytest.mark.parametrize(
    ("layers", "text"),
    [
        ([[nn.Tanh()]], "not list"),
        ([nn.Tanh], r"not the class Tanh \(Tanh\(\) makes one\)"),
        ([nn.Tanh(), "tanh"], "not str"),
        ([None], "not NoneType"),
    ],
)
def test_only_modules_are_layers(layers, text):
    """A list, a class or a name instead of a layer is a common slip."""
    with pytest.raises(InputTypeError, match=text) as caught:
        nn.Sequential(*layers)
    assert f"layer {len(layers) - 1} of Sequential" == caught.value.where


def test_a_subclass_may_own_more():
    """Its own attributes are found beside the layers."""
    model = three()
    model.scale = nn.Parameter([1.0])
    assert "scale" in model.state_dict()


def test_an_mlp_is_a_sequential_of_linear_and_activation():
    """The last layer is linear; every layer has numbers of its own."""
    model = nn.MLP(2, [16, 8], 1, activation="sigmoid", seed=0)
    kinds = [type(layer).__name__ for layer in model]
    assert ["Linear", "Sigmoid", "Linear", "Sigmoid", "Linear"] == kinds
    assert (32 + 16) + (128 + 8) + (8 + 1) == model.summary().total
    square = nn.MLP(3, [3], 3, seed=0)
    assert square[0].weight.tolist() != square[2].weight.tolist()


def test_the_seed_of_an_mlp_repeats():
    """The same seed, the same network."""
    first, second, other = (nn.MLP(2, [3], 1, seed=s) for s in (5, 5, 6))
    assert first[0].weight.tolist() == second[0].weight.tolist()
    assert first[0].weight.tolist() != other[0].weight.tolist()


def test_a_bad_mlp_is_refused():
    """An unknown activation suggests the nearest; widths are a list of sizes."""
    with pytest.raises(ArgumentError, match="try  'tanh'"):
        nn.MLP(2, [3], 1, activation="tahn")
    with pytest.raises(InputTypeError, match=r"MLP\(2, \[16\], 1\)"):
        nn.MLP(2, 16, 1)
    with pytest.raises(ArgumentError, match="out_features must be 1 or more"):
        nn.MLP(2, [0], 1)
