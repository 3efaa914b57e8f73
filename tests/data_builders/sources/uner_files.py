"""Small files in the form of Universal NER."""

from pathlib import Path

SENTENCES = [
    "当/O 《/O Game/O Informer/O 》/O 提到/O 日本/B-LOC",
    "千禧/B-LOC 公园/I-LOC 由/O Anish/B-PER Kapoor/I-PER 与/O 市/B-ORG 政府/I-ORG 王/B-PER",
]


def write(path: Path, *sentences: str) -> Path:
    blocks = []
    for number, sentence in enumerate(sentences):
        words = [item.rsplit("/", 1) for item in sentence.split(" ")]
        lines = [f"{index}\t{word}\t{tag}\t-\t-\n" for index, (word, tag) in enumerate(words, start=1)]
        blocks.append(f"# sent_id = {number}\n# text = ...\n{''.join(lines)}")
    path.write_text("\n".join(blocks) + "\n", encoding="utf-8")
    return path
