"""Registers: how the texts of a template family are written, which decides what noise and company they bear."""

from enum import StrEnum


class Register(StrEnum):
    """A way of writing."""

    TALK = "talk"  # chats, calls, posts, messages
    RECORD = "record"  # forms, contracts, letters, news: edited prose and tables on paper
    MACHINE = "machine"  # programs read it: quotes, braces and separators bear meaning
    ENGLISH = "english"
    BARE = "bare"  # values with next to nothing around them


_REGISTERS = {
    **dict.fromkeys(("chat", "social", "service", "assistant", "account"), Register.TALK),
    **dict.fromkeys(("json", "log", "login", "toolcall", "table", "markup", "trace"), Register.MACHINE),
    "english": Register.ENGLISH,
    "bare": Register.BARE,
}


def register_of(family: str) -> Register:
    """The register of `family`; a family that is not listed is a record."""
    return _REGISTERS.get(family, Register.RECORD)
