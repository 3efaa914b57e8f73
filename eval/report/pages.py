"""Writes the content of a report as Markdown and as HTML, by the templates in templates/."""

import html
import re
from collections.abc import Mapping, Sequence

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape

from eval.report.blocks import Block

_CODE = re.compile(r"(`\w+`)")
_MARKDOWN = re.compile(r"[\\`*\[\]]|(?<![^\W_])_|_(?![^\W_])")
"""Characters that Markdown reads; an underscore within a word is none."""


def markdown_page(content: Sequence[Block], plots: Mapping[str, str]) -> str:
    """The report as Markdown, which shows the plots of these names from plots/."""
    return _TEMPLATES.get_template("report.md").render(blocks=content, plots=plots)


def html_page(content: Sequence[Block], plots: Mapping[str, str]) -> str:
    """The report as one HTML file that loads nothing; `plots` are SVG files by name."""
    drawings = [Markup(svg[svg.index("<svg") :]) for svg in plots.values()]  # noqa: S704 - drawn here
    return _TEMPLATES.get_template("report.html").render(blocks=content, drawings=drawings)


def markdown_text(text: str) -> str:
    """`text` so that neither Markdown nor HTML finds anything in it."""
    marked = _MARKDOWN.sub(r"\\\g<0>", html.escape(text, quote=False))
    return marked.replace("|", "&#124;")


def markdown_prose(text: str) -> str:
    """As `markdown_text`, but words in backticks stay code."""
    return "".join(part if _CODE.fullmatch(part) else markdown_text(part) for part in _CODE.split(text))


def html_prose(text: str) -> Markup:
    """`text` for HTML, with words in backticks as code."""
    return Markup(re.sub(r"`(\w+)`", r"<code>\1</code>", escape(text)))  # noqa: S704 - escaped before


_TEMPLATES = Environment(
    loader=PackageLoader("eval.report"), autoescape=select_autoescape(["html"]), trim_blocks=True, lstrip_blocks=True
)
_TEMPLATES.filters |= {
    "markdown_text": markdown_text,
    "markdown_prose": markdown_prose,
    "html_prose": html_prose,
}
