"""seegrad demo: what it writes can be read, and what it says is so."""

import re
import struct
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from seegrad import errors
from seegrad.cli.main import main
from seegrad.cli.showcase.training import Update, subtraction
from seegrad.train import Callback

FILES = {
    "before_gradient.png",
    "after_gradient.png",
    "graph.svg",
    "learning_curve.svg",
    "report.html",
}
SVG = "{http://www.w3.org/2000/svg}"


class Outline(HTMLParser):
    """The tags of a page, their attributes, and whether each is closed."""

    VOID = ("meta", "br", "img", "link", "hr")

    def __init__(self):
        super().__init__()
        self.open, self.tags = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert tag == self.open.pop()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder that a demo of two epochs has written."""
    folder = tmp_path_factory.mktemp("demo") / "new" / "folder"
    assert 0 == main(["demo", "--output", str(folder), "--epochs", "2"])
    return folder


def test_it_writes_the_five_files_and_nothing_else(demo):
    """No temporary file is left behind."""
    assert FILES == {path.name for path in demo.iterdir()}


@pytest.mark.parametrize("name", ["before_gradient.png", "after_gradient.png"])
def test_the_network_pictures_are_png_of_one_size(demo, name):
    """The same layout before and after means the same size."""
    data = (demo / name).read_bytes()
    assert b"\x89PNG\r\n\x1a\n" == data[:8]
    size = struct.unpack(">II", data[16:24])
    other = (demo / "before_gradient.png").read_bytes()
    assert struct.unpack(">II", other[16:24]) == size
    assert min(size) > 600


def test_the_graph_shows_data_gradient_and_local_derivatives(demo):
    """Everything about one neuron is written on it."""
    root = ElementTree.parse(demo / "graph.svg").getroot()
    texts = {element.text for element in root.iter(f"{SVG}text")}
    assert {"data", "grad", "w1", "x2", "b", "out", "tanh"} <= texts
    assert any(text.startswith("∂") for text in texts)


def test_the_learning_curve_shows_loss_and_accuracy(demo):
    """Both, of training and of test."""
    text = (demo / "learning_curve.svg").read_text(encoding="utf-8")
    for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
        assert f">{name} " in text


def test_the_report_stands_alone(demo):
    """Well-formed, nothing fetched, every picture described, every link there."""
    text = (demo / "report.html").read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(text)
    assert [] == outline.open
    pictures = [attributes for tag, attributes in outline.tags if tag == "svg"]
    assert len(pictures) >= 6
    ids = [a["id"] for _, a in outline.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for picture in pictures:
        assert "img" == picture["role"]
        assert set(picture["aria-labelledby"].split()) <= set(ids)
    links = {a["href"] for tag, a in outline.tags if tag == "a"}
    assert FILES - {"report.html"} == links
    assert not re.search(r"(src|href)=.https?:|@import|url\(", text)
    assert not [tag for tag, _ in outline.tags if tag in ("script", "link", "iframe")]


def test_the_report_follows_the_readers_system(demo):
    """Light and dark, on the page and in every picture."""
    text = (demo / "report.html").read_text(encoding="utf-8")
    pictures = text.count("<svg")
    assert text.count("prefers-color-scheme") == pictures + 1
    assert "$" not in text  # no placeholder was left


def test_what_it_says(tmp_path, capsys):
    """Data, network, the one step, accuracy, and where everything is."""
    assert 0 == main(["demo", "--output", str(tmp_path), "--epochs", "1"])
    out, err = capsys.readouterr()
    assert "" == err  # the bar is for terminals
    assert "1,797 handwritten digits of 8 x 8 pixels; 360 of them are kept" in out
    assert "64 inputs, 128 hidden units, 10 outputs: 9,610 parameters" in out
    assert re.search(
        r"accuracy +\d\d\.\d % of the test images \(\d+ of 360 right\)", out
    )
    assert str(tmp_path.resolve()) in out
    assert all(name in out for name in FILES)
    before, after = map(float, re.findall(r"loss (\S+) -> (\S+) on", out)[0])
    assert after < before


def test_a_seed_repeats_the_demo(tmp_path, capsys):
    """Same seed, same pictures; another seed, another network."""
    drawn = {}
    for name, seed in (("one", 1), ("two", 1), ("three", 2)):
        main(["demo", "--output", str(tmp_path / name), "--epochs=1", f"--seed={seed}"])
        drawn[name] = (tmp_path / name / "after_gradient.png").read_bytes()
    assert drawn["one"] == drawn["two"]
    assert drawn["one"] != drawn["three"]


def test_an_existing_folder_is_written_over(demo, capsys):
    """The second run replaces the first and leaves other files alone."""
    (demo / "mine.txt").write_text("hands off", encoding="utf-8")
    assert 0 == main(["demo", "--output", str(demo), "--epochs", "1"])
    assert "hands off" == (demo / "mine.txt").read_text(encoding="utf-8")
    (demo / "mine.txt").unlink()


def test_a_file_where_the_folder_should_be(tmp_path, capsys):
    """One explained error, status 1, and no training."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert 1 == main(["demo", "--output", str(tmp_path / "taken")])
    out, err = capsys.readouterr()
    assert "" == out
    assert "is a file, and the pictures need a folder\n  in   --output" in err


def test_a_folder_that_cannot_be_made(tmp_path, capsys):
    """The reason of the system is passed on."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert 1 == main(["demo", "--output", str(tmp_path / "file" / "inner")])
    assert "cannot write into" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch, capsys):
    """Found out before the training, not after."""

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert 1 == main(["demo", "--output", str(tmp_path)])
    assert "permission denied" in capsys.readouterr().err


def test_without_matplotlib_nothing_is_trained(tmp_path, monkeypatch, capsys):
    """The error names the extra to install, and comes first."""
    for name in list(sys.modules):
        if name.split(".")[0] == "matplotlib":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert 1 == main(["demo", "--output", str(tmp_path)])
    out, err = capsys.readouterr()
    assert "" == out
    assert "seegrad[plot]" in err


class Stopping(Callback):
    """Ctrl-C at some moment, in place of the slowing down."""

    moment, epoch = "before_epoch", 1

    def before_epoch(self, trainer):
        if trainer.epoch == self.epoch:
            raise KeyboardInterrupt


def test_ctrl_c_before_the_first_epoch_is_over(tmp_path, monkeypatch, capsys):
    """There is nothing to draw: status 130."""
    monkeypatch.setattr("seegrad.cli.showcase.training.SlowDown", Stopping)
    assert 130 == main(["demo", "--output", str(tmp_path)])
    assert "interrupted at epoch 1 of 60" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_ctrl_c_later_draws_what_was_learned(tmp_path, monkeypatch, capsys):
    """The model is kept, so the pictures can be made."""
    monkeypatch.setattr(Stopping, "epoch", 2)
    monkeypatch.setattr("seegrad.cli.showcase.training.SlowDown", Stopping)
    assert 0 == main(["demo", "--output", str(tmp_path)])
    out, err = capsys.readouterr()
    assert "interrupted at epoch 2 of 60" in err
    assert "1 epoch of 1,437 images" in out
    assert FILES == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("old", "g", "new", "lr", "expected"),
    [
        (0.5, -0.25, 0.75, 1.0, "0.5000 − 1 × (−0.2500) = 0.7500"),
        (-0.5, 0.25, -0.625, 0.5, "−0.5000 − 0.5 × 0.2500 = −0.6250"),
        (0.00004, 0.00004, 0.0, 1.0, "0.0000 − 1 × 0.0000 = 0.0000"),
    ],
)
def test_a_receipt_adds_up_on_paper(old, g, new, lr, expected):
    """What is printed can be computed by hand from what is printed."""
    assert expected == subtraction(old, g, new, lr)


def test_the_update_is_plain_gradient_descent():
    """Every weight moved by the learning rate times the gradient that is shown."""
    from seegrad import data, nn

    x, y = data.moons(50, seed=0)
    update = Update(nn.MLP(2, [3], 1, seed=0), x, y, "bce_with_logits", lr=0.5)
    for before, after in zip(update.before.layers, update.after.layers, strict=True):
        moved = before.weight - 0.5 * before.weight_grad
        assert moved == pytest.approx(after.weight, abs=1e-6)
    assert update.after.loss < update.before.loss


def test_the_receipts_are_of_weights_that_the_pictures_show(demo):
    """Two sums, and the result of each stands in the picture beside it."""
    text = (demo / "report.html").read_text(encoding="utf-8")
    receipts = re.findall(r"(\d\.weight\[\d+, \d+\]): (\S+) − \S+ × \S+ = ", text)
    assert 2 == len(receipts)
    for name, old in receipts:
        assert f'data-group="label {name}"' in text
        shown = re.findall(
            rf'data-group="label {re.escape(name)}".*?>([−\d.]+) →', text
        )
        assert any(abs(number(old) - number(seen)) < 1e-3 for seen in shown)


def number(text):
    """A number that was written with a real minus sign."""
    return float(text.replace("−", "-"))


@pytest.mark.slow
def test_the_whole_demo_reads_digits(tmp_path, capsys):
    """The promise: at least 97 % of the held-out fifth."""
    assert 0 == main(["demo", "--output", str(tmp_path)])
    share = re.search(r"accuracy +(\S+) %", capsys.readouterr().out)
    assert float(share[1]) >= 97.0


def test_the_errors_of_the_library_are_shown_without_a_traceback(monkeypatch, capsys):
    """Whatever SeegradError a command raises becomes its three lines."""

    def fail(options):
        raise errors.DataError("no paper left", where="the printer", hint="paper")

    monkeypatch.setattr("seegrad.cli.demo.run", fail)
    assert 1 == main(["demo"])
    expected = "seegrad demo: no paper left\n  in   the printer\n  try  paper\n"
    assert expected == capsys.readouterr().err
