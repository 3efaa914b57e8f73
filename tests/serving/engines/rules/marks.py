"""Texts with values in marks, as the tests of the rules write them."""


def unmark(marked: str) -> tuple[str, list[str]]:
    """Take the `[value]` marks out of a text; return it with `start:value` of each mark."""
    text, values = "", []
    for part in marked.split("["):
        value, _, rest = part.rpartition("]")
        values += [f"{len(text)}:{value}"] if value else []
        text += value + rest
    return text, values
