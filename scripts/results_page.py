"""Puts the page that `pii-sft eval --suite` writes into docs/results.md, between its two marks.

python scripts/results_page.py results/results.md
"""

import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
BEGIN, END = "<!-- begin of results -->\n", "<!-- end of results -->\n"


def main() -> None:
    """Replace what stands between the marks."""
    results = Path(sys.argv[1]).read_text(encoding="utf-8")
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{PAGE}: has not the lines {BEGIN.strip()} and {END.strip()}")
    PAGE.write_text(f"{before}{begin}{results}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
