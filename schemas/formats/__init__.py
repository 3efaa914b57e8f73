"""Structured values: all of a format in one module: pattern, check, normal form, examples, surrogates.

`schemas.formats.registry` has the format of each type. `stdnum` and `phonenumbers` are imported here and nowhere else.
"""
