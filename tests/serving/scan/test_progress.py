from io import StringIO

from serving.scan.parts import Part
from serving.scan.progress import Progress
from serving.scan.receipts import Receipt
from serving.scan.results.tally import Tally


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_has_parts_rows_rate_and_time_left() -> None:
    screen, file = Terminal(), StringIO()
    for stream in (screen, file):
        progress = Progress(2, 100, stream)
        progress.add(Part(0, 0, "a.csv", ".csv", 0, 50, 50), Receipt(Tally(1500, 1500)))
        progress.add(Part(0, 1, "a.csv", ".csv", 50, 100, 50), Receipt(Tally(500, 500)))
        progress.close()
    lines = screen.getvalue().split("\r\x1b[K")
    assert lines[1].startswith("1 of 2 parts, 1,500 rows, ") and lines[1].endswith(" left")
    assert lines[3].startswith("2 of 2 parts, 2,000 rows, ") and " in 0:00:0" in lines[3]
    assert file.getvalue().count("\n") == 1
