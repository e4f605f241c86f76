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
    "each": "{op} of each of the {count} numbers of {inputs}; the first is "
    "{arithmetic} = {value}.",
    "product": "{left} ({left_shape}) times {right} ({right_shape}): each of the "
    "{count} results is a sum of {inner} products; the first is {arithmetic} = "
    "{value}.",
    "reduction": "{op} puts the {count} numbers of {inputs} together{over}: {value}.",
    "movement": "{op}: the numbers of {inputs} in another place or order, as {shape}.",
    "lookup": "{op} picks numbers out of {inputs}: {value}.",
    "opaque": "{op} of {inputs}: {value}.",
    "over": " along axis {dim}",
    "nothing": " {inputs} is below zero, so no gradient will flow back here.",
    "some": " {count} of {total} numbers are zero: no gradient will flow back there.",
    "total": " This is the loss.",
    # the way back
    "start": "The loss changes by 1 when it changes by 1: the gradient starts as 1.",
    "slope": "Back through {op}: the gradient {gradient} times the slope {local} sends "
    "{share} to {to}.",
    "slopes": "Back through {op}: each gradient times the slope at its place; the "
    "first is {gradient} times {local} = {share}, sent to {to}.",
    "shared": "Back through {op}: the gradient {gradient} goes on to {to}, as {share}.",
    "and": " and ",
    "blocked": " The slope is zero{where}: nothing gets through.",
    "where": " at {count} of {total} places",
    "set": "{name} has its gradient: {value}.",
    "added": "{name} had the gradient {before} already; the new one is added: {value}.",
    "replaced": "The gradient of {name} is replaced by {value}.",
    # the update
    "formula": "For {parameter}: {sentence}",
    "moved": "{name} moves from {before} to {after}, by {change}.",
    "moved_many": "{name} moves: its first number from {before} to {after}; the "
    "largest change of its {count} numbers is {change}.",
    "spread": "{shape} numbers from {low} to {high}",
    "unknown": "{op} of {inputs}: its numbers were not kept, only {value}.",
}
