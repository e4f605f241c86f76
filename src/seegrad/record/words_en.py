"""The sentences of a tape in English: a template for each kind of moment."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    # headings
    "step": "Step {step}",
    "forward": "Forward: from the input to the prediction",
    "loss": "Loss: how wrong the prediction is",
    "backward": "Backward: from the loss to every gradient",
    "update": "Update: every parameter moves against its gradient",
    "aside": "On the side: nothing flows back through this",
    "problem": "Here the recording ended: {problem}",
    # what came out, for one number and for many
    "one": "{out} = {arithmetic} = {value}.",
    "each": "{op} applied to each number of {inputs}: {count} results; the first is "
    "{arithmetic} = {value}.",
    "product": "{left} ({left_shape}) times {right} ({right_shape}): each of the "
    "{count} results is a sum of {inner} products; the first is {arithmetic} = "
    "{value}.",
    "product of one": "{left} ({left_shape}) times {right} ({right_shape}): each of "
    "the {count} results is one product; the first is {arithmetic} = {value}.",
    "reduction": "{op} combines the {count} numbers of {inputs}{over}: {value}.",
    "transposed": "{inputs} transposed: its rows become columns, {before} becomes "
    "{shape}.",
    "reshaped": "{op}: the same numbers of {inputs} in the same order, now as {shape}.",
    "movement": "{op}: the numbers of {inputs} in other places, as {shape}.",
    "single": "a single number",
    "lookup": "{op} picks numbers out of {inputs}: {value}.",
    "opaque": "{op} of {inputs}: {value}.",
    "over": " along axis {dim}",
    "over many": " along the axes {dim}",
    "nothing": " It is cut off at zero, so no gradient will flow back here.",
    "some": " {count} of {total} numbers are zero: no gradient will flow back there.",
    "total": " This is the loss.",
    # the way back
    "start": "The derivative of {out} with respect to itself is 1: the way back starts "
    "with this gradient.",
    "slope": "Back through {op}: gradient {gradient} times slope {local} = {share}, "
    "sent to {to}.",
    "slopes": "Back through {op}: each gradient times the slope at its place; the "
    "first is {gradient} times {local} = {share}, sent to {to}.",
    "shared": "Back through {op}: the gradient, {gradient}, goes on {ways}.",
    "way": "to {to} as {share}",
    "same way": "unchanged to {to}",
    "product back": "Back through {op}: {gets}",
    "left gets": "{to} gets the gradient times {other} transposed; the first of its "
    "{count} numbers is {arithmetic} = {value}.",
    "right gets": "{to} gets {other} transposed times the gradient; the first of its "
    "{count} numbers is {arithmetic} = {value}.",
    "and": " and ",
    "blocked": " The slope is zero{where}: nothing gets through.",
    "where": " at {count} of {total} places",
    "set": "{name} has its gradient: {value}.",
    "added": "{name} already had a gradient, {before}; the new one is added: {value}.",
    "replaced": "The gradient of {name} is replaced by {value}.",
    # the update
    "formula": "For {parameter}: {sentence}",
    "moved": "{name} moves from {before} to {after}, by {change}.",
    "moved many": "{name} moves; of its {count} numbers, {most} moves furthest: from "
    "{before} to {after}, by {change}.",
    "moved unseen": "{name} moves; the first of its {count} numbers from {before} to "
    "{after}.",
    "unmoved": "{name} stays as it is.",
    "spread": "{shape} numbers from {low} to {high}",
    "alike": "{shape} numbers, each {low}",
    "unknown": "{op} of {inputs}: its numbers were not kept, only {value}.",
    "thousands": ",",
}
