"""What a compiled step says about itself, put together from all its stages.

Each file makes one part of an `Explanation` out of what the stages left behind: names,
formulas, counts, cuts of machine code, text, a page. None of them computes anything of
the step, and nothing of the step needs them.
"""
