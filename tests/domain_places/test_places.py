"""Grid codes against the vectors of GB/T 39409-2020, and map coordinates there and back."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.places import DEGREE, LEVELS, angle, decode, encode, gcj02_to_wgs84, read_position, wgs84_to_gcj02

LAT = angle(39, 59, Fraction("35.38"))
LON = angle(116, 18, Fraction("45.37"))
CODES = {
    1: "N50J", 2: "N50J47", 3: "N50J475", 4: "N50J47539", 5: "N50J47539B8", 6: "N50J47539B82", 7: "N50J47539B8255",
    8: "N50J47539B825534",
}  # fmt: skip


@pytest.mark.parametrize(("level", "code"), CODES.items())
def test_the_standards_own_point_is_encoded_at_every_level(level: int, code: str) -> None:
    assert encode(LAT, LON, level) == code


def test_the_standards_reference_example() -> None:
    lat, lon = angle(39, 59, Fraction("56.1444")), angle(116, 19, Fraction("14.3184"))
    assert encode(lat, lon, 5) == "N50J475493E"


@pytest.mark.parametrize("lat", [88.0, -88.0, 90.0, 123.0])
def test_the_polar_scheme_is_refused(lat: float) -> None:
    with pytest.raises(ValueError, match="88"):
        encode(lat, 0.0)


@pytest.mark.parametrize(("lat", "lon"), [(float("nan"), 0.0), (0.0, float("inf")), (0.0, 180.1)])
def test_what_is_no_position_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(ValueError, match=r"angle|longitude"):
        encode(lat, lon)


def test_the_four_quarters_mirror_one_another() -> None:
    codes = {encode(a * LAT, o * LON) for a in (1, -1) for o in (1, -1)}
    assert {code[4:] for code in codes} == {encode(LAT, LON)[4:]}
    assert {code[:4] for code in codes} == {"N50J", "S50J", "N11J", "S11J"}


@pytest.mark.parametrize(
    "code", ["", "N50", "X50J", "N00J", "N61J", "N50W", "N50J4", "N50JC0", "N50J47539F0", "N5²J", "N50J47539B82553400000"]
)  # fmt: skip
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(code)


latitudes = st.fractions(-88, 88).filter(lambda x: abs(x) < 88)
longitudes = st.fractions(-180, 180)


@given(latitudes, longitudes, st.integers(1, LEVELS))
def test_a_code_decodes_to_the_cell_that_holds_the_position(lat: Fraction, lon: Fraction, level: int) -> None:
    cell = decode(encode(lat, lon, level))
    assert cell.lat <= abs(lat) * DEGREE < cell.lat + cell.height
    assert cell.lon <= abs(lon) * DEGREE <= cell.lon + cell.width
    assert cell.north is (lat >= 0)
    assert cell.east is (lon >= 0)


@given(latitudes, longitudes, st.integers(1, LEVELS))
def test_the_centre_of_a_cell_has_the_cells_code(lat: Fraction, lon: Fraction, level: int) -> None:
    code = encode(lat, lon, level)
    assert encode(*decode(code).centre, level) == code


@given(latitudes, longitudes, st.integers(2, LEVELS))
def test_a_finer_code_begins_with_the_coarser_one(lat: Fraction, lon: Fraction, level: int) -> None:
    assert encode(lat, lon, level).startswith(encode(lat, lon, level - 1))


@given(st.floats(18.2, 53.5), st.floats(73.6, 134.7))
def test_a_map_coordinate_comes_back_to_within_a_millimetre(lat: float, lon: float) -> None:
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lat, lon))
    assert abs(back[0] - lat) < 1e-8
    assert abs(back[1] - lon) < 1e-8


@pytest.mark.parametrize(
    "text",
    [
        "31.2304 121.4737",
        "31.2304, 121.4737",
        "121.4737,31.2304",
        " 北纬31.2304°，东经121.4737° ",
        "N31.2304 E121.4737",
    ],
)
def test_a_place_is_read_as_people_and_maps_write_it(text: str) -> None:
    assert read_position(text) == (31.2304, 121.4737)


@pytest.mark.parametrize("text", ["", "31.2304", "121.4737 131.2", "31.2 181", "3-2-501", "nan 7", "7 inf", "1 2 3"])
def test_what_is_no_place_is_none(text: str) -> None:
    assert read_position(text) is None


def test_the_shift_is_the_size_that_maps_show_and_absent_abroad() -> None:
    lat, lon = wgs84_to_gcj02(39.90734, 116.39089)  # Tiananmen
    assert (lat, lon) == pytest.approx((39.908744, 116.397131), abs=2e-5)
    assert wgs84_to_gcj02(48.8584, 2.2945) == (48.8584, 2.2945)
