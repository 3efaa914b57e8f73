"""The tagger's tokenizer: the base's vocabulary under the contract's token boundaries."""

from pathlib import Path

from tokenizers import Regex, Tokenizer, pre_tokenizers

from schemas.errors import ModelError
from schemas.text.tokenize import STANDALONE


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load `folder/tokenizer.json` (a Unigram model with Metaspace) and set the contract's pre-tokenizer.

    Raises ModelError when the file is missing or unreadable.
    """
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise ModelError(f"{path}: not a tokenizer file: {error}") from error
    tokenizer.encode_special_tokens = True  # a text's "</s>" is four characters, no control token
    metaspace = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    letters = pre_tokenizers.Split(Regex(STANDALONE), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([metaspace, letters])
    return tokenizer
