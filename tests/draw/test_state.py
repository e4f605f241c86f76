"""The state of a network is copied whole, and the copy stays as it was."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import losses, nn
from seegrad.draw import capture, network
from seegrad.errors import ArgumentError, DataError, InputTypeError, ShapeError

X = np.array([[0.5, -1.0], [1.5, 2.0], [-1.0, 0.3]], dtype=np.float32)
Y = np.array([0, 1, 1])


def model():
    """2 -> 3 -> 1 with tanh."""
    return nn.MLP(2, [3], 1, activation="tanh", seed=3)


def test_capture_copies_values_of_every_layer():
    """They are those of the forward pass, and the mean over the samples."""
    net = model()
    state = capture(net, X)
    hidden = np.tanh(X @ net[0].weight.data.T + net[0].bias.data)
    out = hidden @ net[2].weight.data.T + net[2].bias.data
    assert X.mean(axis=0) == pytest.approx(state.inputs, rel=1e-5)
    assert hidden.mean(axis=0) == pytest.approx(state.layers[0].value, rel=1e-4)
    assert out.mean(axis=0) == pytest.approx(state.layers[1].value, rel=1e-4)
    assert ["Linear → Tanh", "Linear"] == [layer.kind for layer in state.layers]


def test_capture_gives_the_gradients_of_the_loss():
    """The same as backward(), and none is stored on the model."""
    net = model()
    state = capture(net, X, Y, "bce_with_logits")
    assert all(p.grad is None for p in net.parameters())
    loss = losses.bce_with_logits(net(X), Y)
    loss.backward()
    assert loss.item() == pytest.approx(state.loss)
    assert net[0].weight.grad == pytest.approx(state.layers[0].weight_grad)
    assert net[2].bias.grad == pytest.approx(state.layers[1].bias_grad)


def test_gradients_of_units_are_those_of_their_values():
    """Moving the bias of the last layer moves its unit: the same gradient."""
    state = capture(model(), X, Y, "bce_with_logits")
    assert state.layers[1].bias_grad == pytest.approx(state.layers[1].grad)


def test_a_state_does_not_change_with_the_model():
    """It is a copy."""
    net = model()
    state = capture(net)
    old = state.layers[0].weight.copy()
    net[0].weight.assign(net[0].weight.data * 2)
    assert np.array_equal(old, state.layers[0].weight)


def test_without_a_loss_the_own_gradients_are_copied():
    """What the last backward() left."""
    net = model()
    losses.bce_with_logits(net(X), Y).backward()
    assert net[0].weight.grad == pytest.approx(capture(net).layers[0].weight_grad)


def test_dropout_is_off_while_capturing_and_then_on_again():
    """A drawing shows the network, not the noise."""
    net = nn.Sequential(
        nn.Linear(2, 8, seed=0), nn.Dropout(0.5), nn.Linear(8, 1, seed=1)
    )
    one, other = capture(net, X), capture(net, X)
    assert np.array_equal(one.layers[0].value, other.layers[0].value)
    assert net.training
    assert net[1].training
    assert "Linear" == one.layers[0].kind


def test_layers_inside_layers_are_found_by_their_places():
    """Names are those of the state_dict."""
    net = nn.Sequential(model(), nn.Flatten(), nn.Linear(1, 2, seed=0))
    names = [f"{layer.name}.weight" for layer in capture(net, X).layers]
    assert ["0.0.weight", "0.2.weight", "2.weight"] == names
    assert set(names) <= set(net.state_dict())


def test_one_sample_is_a_batch_of_one():
    """x of shape (2,)."""
    state = capture(model(), X[0])
    assert 1 == state.samples
    assert "one sample" in " ".join(network(state).scene.texts("loss"))


@pytest.mark.parametrize(
    ("error", "text", "arguments"),
    [
        (InputTypeError, "Tanh is not a chain of layers", (nn.Tanh(),)),
        (ArgumentError, "one of y and loss is missing", (model(), X, Y)),
        (ArgumentError, "no x", (model(), None, Y, "mse")),
        (ArgumentError, "try  'mse'", (model(), X, Y, "mce")),
        (ShapeError, "3", (model(), np.ones((4, 3), dtype=np.float32))),
    ],
)
def test_what_cannot_be_captured_is_explained(error, text, arguments):
    """Typed errors."""
    with pytest.raises(error, match=text):
        capture(*arguments)


def test_a_captured_graph_is_freed():
    """The state holds arrays, not nodes."""
    state = capture(model(), X, Y, "bce_with_logits")
    for layer in state.layers:
        assert not isinstance(layer.value, sg.Tensor)
        assert isinstance(layer.grad, np.ndarray)


def test_every_part_keeps_its_own_mode():
    """A dropout that was switched off by hand stays off."""
    net = nn.Sequential(nn.Linear(2, 1, seed=0), nn.Dropout(0.5))
    net[1].eval()
    capture(net, X)
    assert [True, True, False] == [m.training for _, m in net.named_modules()]


@pytest.mark.parametrize("wrap", [np.float64, np.int64, list])
def test_plain_data_is_read_in_the_precision_of_the_model(wrap):
    """As calling the model does."""
    x = np.array([[1.0, 2.0]])
    data = x.tolist() if wrap is list else x.astype(wrap)
    assert np.array_equal(
        capture(model(), x.astype(np.float32)).layers[1].value,
        capture(model(), data).layers[1].value,
    )


def test_gradients_are_there_inside_no_grad():
    """Who asks for them gets them."""
    with sg.no_grad():
        state = capture(model(), X, Y, "bce_with_logits")
    assert state.layers[0].weight_grad.any()


def test_a_model_that_is_more_than_its_layers_is_not_drawn_as_a_chain():
    """The numbers would not be the model's."""

    class Residual(nn.Sequential):
        def forward(self, x):
            return x + super().forward(x)

    with pytest.raises(InputTypeError, match="something else than its layers"):
        capture(Residual(nn.Linear(2, 2, seed=0)), X)


def test_no_sample_has_no_values():
    """An error, not a mean of nothing."""
    with pytest.raises(DataError, match="no sample"):
        capture(model(), X[:0])
