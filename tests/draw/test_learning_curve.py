"""Learning curves: the points stand where the numbers say, gaps stay gaps."""

import math
from xml.etree import ElementTree

import pytest

from seegrad.draw import learning_curve
from seegrad.draw.numbers import short
from seegrad.draw.scene import Circle, Line, Text
from seegrad.errors import ArgumentError, DataError, InputTypeError

HISTORY = {
    "loss": [1.0, 0.5, 0.25],
    "val_loss": [1.1, 0.7, 0.6],
    "accuracy": [0.5, 0.8, 0.9],
    "val_accuracy": [0.5, 0.7, 0.75],
}
NAN, INF = math.nan, math.inf


def lines(picture, key):
    """The strokes of one series."""
    return list(picture.scene.of(Line, key))


def heights_to_numbers(picture, upper, lower):
    """The scale of the y axis, read from two of its ticks."""
    ticks = {t.text: t.y - 3.6 for t in picture.scene.of(Text, "y tick")}
    slope = (float(upper) - float(lower)) / (ticks[upper] - ticks[lower])
    return lambda y: float(lower) + (y - ticks[lower]) * slope


def test_numbers_can_be_read_from_the_heights():
    """Against the ticks of the axis."""
    picture = learning_curve(HISTORY, keys=["loss"])
    read = heights_to_numbers(picture, "1.0", "0.4")
    (line,) = lines(picture, "loss")
    assert HISTORY["loss"] == pytest.approx([read(y) for _, y in line.points])


def test_a_logarithmic_axis_makes_halving_a_straight_line():
    """1, 1/2, 1/4 fall by equal steps."""
    (line,) = lines(learning_curve({"loss": [1.0, 0.5, 0.25]}, log=True), "loss")
    first, second, third = (y for _, y in line.points)
    assert second - first == pytest.approx(third - second)


def test_training_and_validation_differ_in_colour_and_dash():
    """In both panels."""
    picture = learning_curve(HISTORY)
    for name in ("loss", "accuracy"):
        (train,), (validation,) = lines(picture, name), lines(picture, f"val_{name}")
        assert train.stroke != validation.stroke
        assert train.dash != validation.dash


def test_metrics_stand_in_a_panel_below_the_loss():
    """Their scales have nothing to do with each other."""
    picture = learning_curve(HISTORY)
    lowest_loss = max(
        y for key in ("loss", "val_loss") for _, y in lines(picture, key)[0].points
    )
    assert all(y > lowest_loss for _, y in lines(picture, "accuracy")[0].points)
    texts = picture.scene.texts()
    assert {"loss", "accuracy", "epoch"} <= set(texts)
    assert 1 == texts.count("epoch")


def test_every_line_is_labelled_with_its_last_value():
    """Direct labels, that do not overlap."""
    picture = learning_curve({"loss": [1.0, 0.5], "val_loss": [1.0, 0.5]})
    assert ["loss 0.5"] == picture.scene.texts("label loss")
    (one,) = picture.scene.of(Text, "label loss")
    (other,) = picture.scene.of(Text, "label val_loss")
    assert abs(one.y - other.y) >= 14.0


def test_labels_stay_on_the_sheet():
    """Also those with long names."""
    from seegrad.draw.lettering import width_of

    scene = learning_curve({"a_metric_with_a_very_long_name": [0.123456]}).scene
    for text in scene.of(Text):
        if text.anchor == "start":
            assert text.x + width_of(text.text, text.size) <= scene.width - 8.0


def test_nan_leaves_a_gap_and_a_lonely_point_is_a_dot():
    """Nothing is drawn across what is not there."""
    picture = learning_curve({"loss": [1.0, 0.8, NAN, 0.5, INF, 0.4, 0.3]})
    assert [2, 2] == [len(line.points) for line in lines(picture, "loss")]
    assert 1 == len(list(picture.scene.of(Circle, "loss")))
    assert "2 of its values are not finite" in picture.alt


def test_a_single_epoch_is_a_dot():
    """With one tick, and its value as label."""
    picture = learning_curve({"loss": [0.5]})
    assert 1 == len(list(picture.scene.of(Circle, "loss")))
    assert ["1"] == picture.scene.texts("x tick")
    assert "over 1 epoch." in picture.alt


def test_only_nan_says_so():
    """An empty panel is explained."""
    picture = learning_curve({"loss": [NAN, NAN]})
    assert "no finite number to draw" in picture.scene.texts()


def test_numbers_below_zero_are_gaps_on_a_logarithmic_axis():
    """They have no logarithm."""
    picture = learning_curve({"loss": [1.0, 0.5, -0.1, 0.0, 0.2, 0.1]}, log=True)
    assert [2, 2] == [len(line.points) for line in lines(picture, "loss")]


def test_a_very_long_run_is_thinned_but_keeps_its_extremes():
    """A hundred thousand points make no better line, but a spike must stay."""
    values = [1.0] * 100_000
    values[54_321] = 9.0
    (line,) = lines(learning_curve({"loss": values}), "loss")
    assert len(line.points) < 2000
    assert 1 == [y for _, y in line.points].count(min(y for _, y in line.points))


def test_a_constant_is_a_flat_line():
    """No division by the empty span."""
    (line,) = lines(learning_curve({"lr": [0.1] * 5}), "lr")
    assert 1 == len({y for _, y in line.points})


def test_a_history_is_drawn_by_its_records():
    """Whatever has `records` will do."""

    class History:
        records = HISTORY

    assert learning_curve(HISTORY).scene == learning_curve(History()).scene


def test_keys_pick_what_is_drawn():
    """Unknown ones suggest the nearest."""
    texts = learning_curve(HISTORY, keys=["accuracy"]).scene.texts()
    assert "loss" not in texts
    with pytest.raises(ArgumentError, match="try  'val_loss'"):
        learning_curve(HISTORY, keys=["vall_loss"])


def test_nothing_to_draw_is_an_error():
    """Before the first epoch."""
    with pytest.raises(DataError, match="train first"):
        learning_curve({"loss": []})
    with pytest.raises(InputTypeError, match="not list"):
        learning_curve([1.0, 2.0])


def test_the_alternative_tells_first_last_and_extremes():
    """In words."""
    alt = learning_curve(HISTORY).alt
    assert "loss goes from 1.0 to 0.25 (lowest 0.25, highest 1.0)." in alt
    assert "val_accuracy goes from 0.5 to 0.75" in alt


def test_labels_end_inside_their_panel():
    """Lines that end together at the bottom push each other up, not out."""
    records = {"loss": [2.0, 0.0], "val_loss": [2.0, 0.0]}
    marks = learning_curve(records).scene.of(Text)
    heights = [mark.y for mark in marks if mark.group.startswith("label")]
    assert 16.0 <= abs(heights[0] - heights[1])
    assert max(heights) <= 50.0 + 190.0 - 24.0 + 4.0


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "values",
    [[1.0, 1e308], [1e308], [1.0, 1e-320], [5e-324, 1e-323], [-1e308, 1e308, 1.0]],
)
def test_numbers_at_the_edge_of_what_a_float_holds_are_drawn(values, log):
    """Or left out as gaps; their labels tell them."""
    picture = learning_curve({"loss": values}, log=log)
    ElementTree.fromstring(picture.svg())
    assert [f"loss {short(values[-1])}"] == picture.scene.texts("label loss")


@pytest.mark.parametrize("values", [3.0, [1.0, None], ["a"]])
def test_a_record_that_is_no_list_of_numbers_is_explained(values):
    """With its name."""
    with pytest.raises(InputTypeError, match="the record 'loss' is not a list"):
        learning_curve({"loss": values})


def test_one_key_may_be_a_plain_text():
    """As one metric may in fit."""
    records = {"loss": [1.0, 0.5], "accuracy": [0.5, 1.0]}
    assert [] == learning_curve(records, keys="loss").scene.texts("label accuracy")
