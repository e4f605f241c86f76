"""The harness: engines in processes of their own, compared, timed in turn.

`settings` says what is measured, `worker` is the program of an engine's process,
`memory` counts for it, `process` talks to it, `rounds` takes turns, `agreement`
compares the losses, `statistics` makes medians and ratios, `limits` measures what the
machine can do at best, `starts` times fresh processes, and `campaign` does all of it.
"""
