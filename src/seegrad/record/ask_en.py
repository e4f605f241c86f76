"""What the quiz asks and says, in English."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "forward": "{inputs}. What is {formula}? (within 10 %)",
    "forward because": "{arithmetic} = {value}.",
    "forward identity": "You let the number through unchanged, without {op}.",
    "product": "{out} = {terms}. What does that add up to? (within 10 %)",
    "product because": "{arithmetic} = {value}.",
    "product first": "You stopped after the first product.",
    "product sum": "You added the factors; they are multiplied in pairs first.",
    "sign": "The gradient {gradient} arrives at {out} = {formula}, and the slope there "
    "is {slope}. What does {to} get?",
    "sign options": "a positive gradient|a negative gradient|nothing",
    "sign because": "Gradient times slope: {gradient} times {slope} = {share}.",
    "sign turned": "You turned the sign around: a negative slope turns it, a positive "
    "one keeps it.",
    "sign flat": "A slope of zero lets nothing through.",
    "share": "The gradient {gradient} arrives at {out} = {formula} with {inputs}. What "
    "is sent on to {to}? (within 10 %)",
    "share because": "The slope is {slope}: {gradient} times {slope} = {share}.",
    "share unchanged": "You forgot the slope of {op}.",
    "share slope": "You gave the slope alone; it is multiplied by the gradient "
    "arriving.",
    "share added": "You added gradient and slope; they are multiplied.",
    "share sign": "The size is right, the sign is not.",
    "fork": "{name} is used in {count} places, which send back {shares}. What is the "
    "gradient of {name}? (within 10 %)",
    "and": " and ",
    "fork because": "What comes back from all places is added: {sum} = {value}.",
    "fork one": "You took one place only; a fork adds up what comes back.",
    "fork product": "You multiplied what comes back; a fork adds.",
    "update": "{name} is {before} and its gradient is {gradient}. After the step by "
    "{optimizer}, is it larger or smaller?",
    "update options": "larger|smaller|the same",
    "update because": "{before} becomes {after}: a step goes against the gradient.",
    "update uphill": "You went with the gradient: that makes the loss larger.",
    "update memory": "{before} becomes {after}: the optimizer remembers earlier "
    "gradients, and they were larger than this one.",
    "most": "Which of these moves most in this step?",
    "most because": "{answer} moves by {change}.",
    "most gradient": "It has the largest gradient, but {optimizer} does not step in "
    "proportion to it.",
    "cause": "Which sample pulls hardest at {address}?",
    "cause option": "sample {k}",
    "cause because": "{answer} adds {part} to a gradient of {gradient}.",
    "concept forward": "forward",
    "concept chain rule": "chain rule",
    "concept sum at a fork": "sum at a fork",
    "concept update": "update",
    "concept cause": "cause",
    "score": "{concept} {right}/{asked}",
    "prompt": "your answer: ",
}
