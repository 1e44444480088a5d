"""Static plots: what is drawn can be had as numbers, and a file is the same every time."""

import csv

import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.cli import main
from anabasis.viewer.plot import axis_of, draw, plot_of, save_plot, what_can_be_drawn
from anabasis.viewer.run import open_run


@pytest.fixture(scope="module")
def run(entry_alone):
    return open_run(entry_alone)


def test_every_plot_of_the_list_can_be_drawn(run):
    names = what_can_be_drawn(run)
    assert len(names) >= 8
    for name in names:
        figure = draw(plot_of(run, name))
        assert figure.axes[0].lines


def test_axes_carry_units():
    assert axis_of("altitude_km") == "altitude [km]"
    assert axis_of("relative_speed_m_s") == "relative speed [m/s]"
    assert axis_of("heat_flux_W_cm2") == "heat flux [W/cm²]"
    assert axis_of("mach") == "mach"


def test_the_csv_holds_what_the_track_holds(run, tmp_path):
    file = save_plot(run, "entry_corridor", "csv", tmp_path / "plot.csv")
    with file.open(newline="") as text:
        rows = list(csv.DictReader(text))
    altitude = run.tracks["entry"].columns["altitude_km"]
    assert np.array_equal([float(r["altitude_km"]) for r in rows], altitude)


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_file_is_the_same_every_time(run, tmp_path, form):
    first = save_plot(run, "entry_mach", form, tmp_path / f"a.{form}").read_bytes()
    assert first[:4] in (b"\x89PNG", b"<?xm")
    assert save_plot(run, "entry_mach", form, tmp_path / f"b.{form}").read_bytes() == first


def test_a_misspelt_plot_is_answered_with_the_nearest(run):
    with pytest.raises(BadInput, match="did you mean entry_corridor"):
        plot_of(run, "entry_coridor")


def test_a_journey_draws_itself(flown):
    figure = flown("mars2020-entry").plot.entry_altitude()
    assert figure.axes[0].get_ylabel() == "altitude [km]"
    with pytest.raises(AttributeError):
        _ = flown("mars2020-entry").plot.nothing_of_the_kind


def test_the_command_lists_and_draws(entry_alone, tmp_path, capsys):
    assert main(["plot", str(entry_alone)]) == 0
    assert "entry_corridor" in capsys.readouterr().out
    target = tmp_path / "x.svg"
    assert main(["plot", str(entry_alone), "entry_corridor", "--out", str(target)]) == 0
    assert target.is_file()
