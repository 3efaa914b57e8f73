"""The report as one HTML file: the Markdown page with its plots inside."""

import re
from collections.abc import Mapping

import markdown

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}"
    "th,td{padding:.2rem .7rem;border-bottom:1px solid #ccc;text-align:left;vertical-align:top}"
    "td:not(:first-child){font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto;background:#fff}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#111}th,td{border-color:#444}}"
)
_IMAGE = re.compile(r'<img alt="[^"]*" src="plots/([\w-]+)\.svg" />')


def page(text: str, drawn: Mapping[str, str]) -> str:
    """The Markdown `text` as a page that loads nothing, with the SVG of each plot that it shows from `drawn`."""
    body = markdown.markdown(text, extensions=["tables"])
    body = _IMAGE.sub(lambda match: re.sub(r"^.*?(?=<svg)", "", drawn[match[1]], count=1, flags=re.DOTALL), body)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
    title = "<title>pii-sft report</title>"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}{title}</head>\n<body>\n{body}\n</body></html>\n'
