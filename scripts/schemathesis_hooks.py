r"""What schemathesis needs to know of the service to generate requests for all of it.

    pii-sft serve --port 8123                       # with $PII_SFT_KEY, or ways back are refused
    PYTHONPATH=. SCHEMATHESIS_HOOKS=scripts.schemathesis_hooks schemathesis run http://127.0.0.1:8123/openapi.json \
        --phases fuzzing --max-examples 300 --seed 101 --continue-on-failure

Runs of a few hundred examples with different seeds are many times as fast as one long one.
"""

import json

import schemathesis
from hypothesis import strategies as st

from schemas.taxonomy import EntityType
from serving.engines.custom_rules import CustomRulesError, compile_patterns


def _compiles(pattern: str) -> bool:
    try:
        compile_patterns([(EntityType.USERNAME, pattern)])
    except CustomRulesError:
        return False
    return True


patterns = st.text(r"()[]{}*+?.|\dws^$-a中:<>P=,0129", min_size=1, max_size=20).filter(_compiles)
schemathesis.openapi.format("re2", patterns)


@schemathesis.serializer("application/x-ndjson")
def lines(_: schemathesis.SerializationContext, value: object) -> bytes:
    """Any text as it is: whether a line is a request is for the service to say."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()
