"""pii-sft: finds personal data in Chinese and English text.

from pii_sft import Detector

detector = Detector.load()
for entity in detector.detect("我叫张三，电话13800138000").entities:
    print(entity.type, entity.start, entity.end)
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pii_sft.detector import Detector
    from pii_sft.redactor import Redactor

__all__ = ["Detector", "Redactor", "__version__"]

__version__ = version("pii-sft")


def __getattr__(name: str) -> Any:
    """Import the classes only when they are asked for, so that `import pii_sft` stays light."""
    if name == "Detector":
        from pii_sft.detector import Detector

        return Detector
    if name == "Redactor":
        from pii_sft.redactor import Redactor

        return Redactor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
