from hypothesis import given

from schemas.spans.prediction import Prediction
from serving.service.offsets import in_units
from tests import strategies


@given(strategies.predictions())
def test_offsets_slice_the_value_in_every_unit(prediction: Prediction) -> None:
    rows = prediction.to_dict()["entities"]
    assert in_units(prediction.text, rows, "code_point") == rows
    for unit, coding, width in (("utf16", "utf-16-le", 2), ("utf8", "utf-8", 1)):
        coded = prediction.text.encode(coding)
        for row in in_units(prediction.text, rows, unit):  # type: ignore[arg-type]
            assert coded[row["start"] * width : row["end"] * width].decode(coding) == row["value"]
