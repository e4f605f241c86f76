"""A fork says where its comparison is not what it looks like."""

import seegrad as sg
from seegrad import nn, optim


def test_a_rate_that_a_schedule_takes_over_is_noted():
    """Forked at the end, the lane does not begin with the rate that it was given."""
    model = nn.MLP(2, [4], 1, seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    schedule = optim.CosineAnnealingLR(optimizer, 4)
    run = sg.fit(
        model, *sg.data.moons(60, seed=0), loss="bce_with_logits",
        optimizer=optimizer, epochs=4, callbacks=[sg.train.LearningRate(schedule)],
    )  # fmt: skip
    found = run.fork(lr=0.5, epochs=1, at="end")
    assert ["B: its schedule goes on, so it begins at lr=0"] == found.notes
    assert [] == run.fork(lr=0.5, epochs=1).notes
