"""Every error that pii-sft raises on purpose.

    PiiSftError
    ├── InvalidTextError          text with a lone surrogate, which is no Unicode character
    │   └── RefusedTextError      text that a remote server refuses, such as one that is too long for its model
    ├── UnknownTypeError          an entity type outside the taxonomy
    ├── SpanError                 a span outside its text, empty, or overlapping another
    ├── RecordError               a dataset record or answer that breaks the schema
    ├── DataError                 a source file that cannot be read; names file and line
    └── ModelError                a model folder that cannot be used
        └── FingerprintError      a model made under another contract

Messages name the field, file or line at fault and never quote the text itself.
"""


class PiiSftError(Exception):
    """Base of all errors of this project; its message is meant for people."""


class InvalidTextError(PiiSftError):
    """Text that cannot be searched: one with a lone surrogate, or what the class below says."""


class RefusedTextError(InvalidTextError):
    """Text that a remote server refuses though it answers about others."""


class UnknownTypeError(PiiSftError):
    """An entity type that the taxonomy does not have."""


class SpanError(PiiSftError):
    """A span that is empty, outside its text, or overlaps another one."""


class RecordError(PiiSftError):
    """A record or an encoded answer that does not follow its schema."""


class DataError(PiiSftError):
    """A source file that is missing or malformed."""


class ModelError(PiiSftError):
    """A model folder that is missing, incomplete or unreadable."""


class FingerprintError(ModelError):
    """A model that was made under another prompt, codec, taxonomy or tag set."""
