"""Colours: readable in light and dark, and unknown names are helped."""

import itertools

import pytest

from seegrad.draw.palette import (
    CLASSES,
    ROLES,
    STROKES,
    SURFACES,
    TEXTS,
    THEMES,
    colour,
    contrast,
    rgb,
    sign_role,
)
from seegrad.errors import ArgumentError


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", TEXTS)
def test_text_has_a_contrast_of_four_and_a_half_on_every_surface(role, theme):
    """WCAG 2.2, level AA, for text of any size."""
    for surface in SURFACES:
        assert contrast(colour(role, theme), colour(surface, theme)) >= 4.5, surface


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", [*STROKES, *CLASSES])
def test_strokes_have_a_contrast_of_three_on_every_surface(role, theme):
    """WCAG 2.2, level AA, for parts of a picture that carry meaning."""
    for surface in SURFACES:
        assert contrast(colour(role, theme), colour(surface, theme)) >= 3.0, surface


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable_on_the_chip_of_an_op(theme):
    """The symbol of an op stands on the colour of the grid."""
    assert contrast(colour("ink", theme), colour("grid", theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_classes_have_colours_of_their_own(theme):
    """No two classes are painted alike."""
    for one, other in itertools.combinations(CLASSES, 2):
        assert colour(one, theme) != colour(other, theme)


def test_every_colour_is_a_hexadecimal_triple():
    """Painters other than browsers read nothing else."""
    for role, pair in ROLES.items():
        for code in pair:
            assert 7 == len(code), role
            assert 0 <= int(code[1:], 16) <= 0xFFFFFF


def test_contrast_is_symmetric_and_at_least_one():
    """The order of the two colours does not matter."""
    assert 21.0 == contrast("#FFFFFF", "#000000") == contrast("#000000", "#FFFFFF")
    assert 1.0 == contrast("#123456", "#123456")


def test_red_green_blue():
    """A colour code as three numbers."""
    assert (0, 114, 178) == rgb("positive", "light")


def test_an_unknown_role_suggests_the_nearest():
    """Misspelt names are met with the right one."""
    with pytest.raises(ArgumentError, match="try  'positive'"):
        colour("positiv", "light")
    with pytest.raises(ArgumentError, match="try  'dark'"):
        colour("positive", "drak")


def test_the_sign_of_a_number_has_a_role():
    """Zero and nan are neither positive nor negative."""
    assert ["positive", "negative", "neutral", "neutral"] == [
        sign_role(x) for x in (2.0, -0.5, 0.0, float("nan"))
    ]
