import json
from collections import Counter
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from data_builders.sources.msra.read import read_msra
from data_builders.sources.msra.source import conflicting_labels
from data_builders.sources.msra.split_long import split_long
from data_builders.sources.tags import ANNOTATED
from schemas.errors import DataError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType

REAL = Path(__file__).parents[5] / "shared" / "data" / "msra"
PERSON, PLACE, BODY = EntityType.PERSON_NAME, EntityType.LOCATION, EntityType.ORGANIZATION
NAMES = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]


def write(path: Path, *sentences: str, separator: str = "\t") -> Path:
    """Each sentence is `char/tag` items joined by spaces."""
    blocks = ["\n".join(item.replace("/", separator) for item in sentence.split(" ")) + "\n" for sentence in sentences]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def export(path: Path, rows: list[tuple[str, list[int]]], names: object = NAMES) -> Path:
    """A Parquet file as the hub's export of a `datasets` data set."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pyarrow.table(
        {
            "id": [str(number) for number in range(len(rows))],
            "tokens": pyarrow.array([list(text) for text, _ in rows], pyarrow.list_(pyarrow.string())),
            "ner_tags": pyarrow.array([tags for _, tags in rows], pyarrow.list_(pyarrow.int64())),
        }
    )
    feature = {"names": names, "_type": "ClassLabel"}
    info = {"features": {"ner_tags": {"feature": feature, "_type": "List"}}}
    parquet.write_table(table.replace_schema_metadata({"huggingface": json.dumps({"info": info})}), path)
    return path


def spans(example: Example) -> list[tuple[int, int, EntityType]]:
    return [(entity.start, entity.end, entity.type) for entity in example.entities]


def test_reads_sentences_and_spans(tmp_path: Path) -> None:
    path = write(tmp_path / "a.bio", "江/B-PER 南/I-PER 在/O 上/B-LOC 海/I-LOC", "好/O")
    first, second = read_msra(path)
    assert first.document.text == "江南在上海"
    assert first.entities == (Entity(0, 2, EntityType.PERSON_NAME), Entity(3, 5, EntityType.LOCATION))
    assert (second.document.text, second.entities) == ("好", ())
    assert first.annotated == ANNOTATED


def test_touching_spans_of_one_type_stay_apart(tmp_path: Path) -> None:
    (example,) = read_msra(write(tmp_path / "a.bio", "江/B-PER 南/I-PER 石/B-PER 磊/I-PER"))
    assert example.entities == (Entity(0, 2, EntityType.PERSON_NAME), Entity(2, 4, EntityType.PERSON_NAME))


def test_inside_tag_that_continues_nothing_opens_an_entity(tmp_path: Path) -> None:
    (example,) = read_msra(write(tmp_path / "a.bio", "京/I-LOC 张/I-PER 三/I-PER"))
    assert example.entities == (Entity(0, 1, EntityType.LOCATION), Entity(1, 3, EntityType.PERSON_NAME))


@pytest.mark.parametrize("line", ["张,B-PER", "张\tB-XXX", "张\tX-PER", "张\tPER", "张三\tO", "张三 O", "张\t", "\tO"])
def test_malformed_line_names_file_and_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.bio"
    path.write_text(f"好\tO\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"bad\.bio:2: expected"):
        list(read_msra(path))


def test_missing_file_and_wrong_encoding_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.bio"):
        list(read_msra(tmp_path / "none.bio"))
    (tmp_path / "gbk.bio").write_bytes("a\tO\n张\tO\n".encode("gbk"))
    with pytest.raises(DataError, match=r"gbk\.bio:2: byte 0 is not UTF-8"):
        list(read_msra(tmp_path / "gbk.bio"))


@pytest.mark.parametrize("separator", ["\t", " "])
@pytest.mark.parametrize(
    "sentence",
    [
        "张/B-PER 小/I-PER 三/I-PER 李/B-PER 在/O 京/B-LOC 沪/B-LOC",
        "张/B-PER 小/I-PER 三/E-PER 李/S-PER 在/O 京/S-LOC 沪/S-LOC",
        "张/B-PER 小/M-PER 三/E-PER 李/S-PER 在/O 京/S-LOC 沪/S-LOC",
        "张/B-NR 小/M-NR 三/E-NR 李/S-NR 在/O 京/S-NS 沪/S-NS",
        "张/M-PER 小/M-PER 三/E-PER 李/E-PER 在/O 京/S-LOC 沪/E-LOC",
    ],
)
def test_every_scheme_gives_the_same_entities(tmp_path: Path, sentence: str, separator: str) -> None:
    (example,) = read_msra(write(tmp_path / "a.bmes", sentence, separator=separator))
    assert example.document.text == "张小三李在京沪"
    assert spans(example) == [(0, 3, PERSON), (3, 4, PERSON), (5, 6, PLACE), (6, 7, PLACE)]


def test_space_and_tab_may_be_characters(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\ufeff张\tS-NR\n \tO\n\u3000 O\n\t\tO\n", encoding="utf-8")
    (example,) = read_msra(tmp_path / "a.txt")
    assert example.document.text == "张 \u3000\t"


def test_parquet_tags_are_mapped_by_name(tmp_path: Path) -> None:
    rows: list[tuple[str, list[int]]] = [("张三在京", [1, 2, 0, 5]), ("新华社", [3, 4, 4]), ("", [])]
    other = ["B-LOC", "I-LOC", "B-PER", "I-PER", "O", "B-ORG", "I-ORG"]
    swapped = [(text, [other.index(NAMES[tag]) for tag in tags]) for text, tags in rows]
    first = list(read_msra(export(tmp_path / "train.parquet", rows)))
    second = list(read_msra(export(tmp_path / "train.parquet", swapped, other)))
    assert first == second
    assert [example.document.id for example in first] == ["train-1", "train-2"]
    assert [spans(example) for example in first] == [[(0, 2, PERSON), (3, 4, PLACE)], [(0, 3, BODY)]]


@pytest.mark.parametrize("names", [None, 7, ["O", "B-PER", "I-NAME"]])
def test_parquet_without_known_tag_names_is_refused(tmp_path: Path, names: object) -> None:
    path = export(tmp_path / "a.parquet", [("张", [1])], names)
    with pytest.raises(DataError, match=r"a\.parquet: the metadata"):
        list(read_msra(path))
    parquet.write_table(parquet.read_table(path).replace_schema_metadata(None), path)
    with pytest.raises(DataError, match=r"a\.parquet: the metadata has no names"):
        list(read_msra(path))


@pytest.mark.parametrize(("text", "tags"), [("张三", [1]), ("张", [7]), ("张", [-1])])
def test_malformed_parquet_row_is_named(tmp_path: Path, text: str, tags: list[int]) -> None:
    path = export(tmp_path / "a.parquet", [("好", [0]), (text, tags)])
    with pytest.raises(DataError, match=r"a\.parquet: row 2: expected"):
        list(read_msra(path))


def test_parquet_with_other_columns_or_longer_tokens(tmp_path: Path) -> None:
    path = export(tmp_path / "a.parquet", [("好", [0])])
    metadata = parquet.read_schema(path).metadata
    for columns in ({"text": ["好"]}, {"tokens": [["好的"]], "ner_tags": [[0]]}):
        parquet.write_table(pyarrow.table(columns).replace_schema_metadata(metadata), path)
        with pytest.raises(DataError, match=r"a\.parquet: row 1: expected"):
            list(read_msra(path))


def test_folder_is_read_whole_with_ids_of_its_own(tmp_path: Path) -> None:
    export(tmp_path / "train" / "0001.parquet", [("好", [0])])
    export(tmp_path / "train" / "0000.parquet", [("张", [1]), ("", [])])
    write(tmp_path / "train" / "more.txt", "京/B-LOC")
    (tmp_path / "train" / "README.md").write_text("no corpus")
    examples = list(read_msra(tmp_path / "train"))
    assert [example.document.id for example in examples] == ["train-0000-1", "train-0001-1", "train-more-1"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty: the folder holds no file"):
        list(read_msra(tmp_path / "empty"))


def test_full_width_and_compatibility_characters_stay_as_written(tmp_path: Path) -> None:
    text, tags = "１９９７年Ａ㈱张℃", [0] * 7 + [1, 0]
    items = " ".join(f"{char}/{NAMES[tag]}" for char, tag in zip(text, tags, strict=True))
    (lines,) = read_msra(write(tmp_path / "a.bio", items))
    (rows,) = read_msra(export(tmp_path / "a.parquet", [(text, tags)]))
    pieces = list(split_long(lines, 4))
    assert lines == rows
    assert (lines.document.text, spans(lines)) == (text, [(7, 8, PERSON)])
    assert "".join(piece.document.text for piece in pieces) == text


def made(text: str, *entities: Entity) -> Example:
    return Example(Document("m-1", text), entities, "msra", "news", ANNOTATED, {"kind": "x"})


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("一二三四五六七八", ["一二三四五六七八"]),
        ("一二。三四！五六七。", ["一二。三四！", "五六七。"]),
        ("“一二三。”四五六。七八", ["“一二三。”", "四五六。七八"]),
        ("一二\n三四；五六七八九", ["一二\n三四；", "五六七八九"]),
        ("一，二三，四五六七八。九", ["一，二三，", "四五六七八。九"]),
        ("一二三四五六七八九十", ["一二三四五六七八", "九十"]),
    ],
)
def test_long_texts_are_cut_at_sentences_then_commas(text: str, pieces: list[str]) -> None:
    assert [piece.document.text for piece in split_long(made(text), 8)] == pieces


def test_pieces_keep_entities_ids_and_the_rest() -> None:
    example = made("张三说。李四来了。", Entity(0, 2, PERSON), Entity(4, 6, PERSON))
    first, second = split_long(example, 5)
    assert (first.document.id, second.document.id) == ("m-1-1", "m-1-2")
    assert (spans(first), spans(second)) == ([(0, 2, PERSON)], [(0, 2, PERSON)])
    assert (second.source, second.family, second.annotated, second.slices) == ("msra", "news", ANNOTATED, {"kind": "x"})
    assert next(split_long(example, 9)) is example


def test_no_cut_inside_an_entity() -> None:
    title = made("他在一二三。四五公司工作", Entity(2, 10, BODY))
    assert [piece.document.text for piece in split_long(title, 4)] == ["他在", "一二三。四五公司", "工作"]
    with pytest.raises(ValueError, match="1 or more"):
        list(split_long(title, 0))


@st.composite
def examples(draw: st.DrawFn) -> Example:
    text = draw(st.text("一二三。！，\n”１", max_size=60))
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    pairs = list(zip(borders[::2], borders[1::2], strict=False))
    return made(text, *(Entity(start, end, draw(st.sampled_from(ANNOTATED))) for start, end in pairs))


@given(examples(), st.integers(1, 20))
def test_pieces_make_up_the_text_and_its_entities(example: Example, limit: int) -> None:
    pieces, offset, found = list(split_long(example, limit)), 0, []
    for piece in pieces:
        found += [(start + offset, end + offset, kind) for start, end, kind in spans(piece)]
        offset += len(piece.document.text)
        longest = max((end - start for start, end, _ in spans(piece)), default=0)
        assert len(piece.document.text) <= max(limit, longest)
    assert "".join(piece.document.text for piece in pieces) == example.document.text
    assert found == spans(example)


def test_strings_with_two_labels_are_counted() -> None:
    twice = made("京京津", Entity(0, 1, PLACE), Entity(1, 2, BODY), Entity(2, 3, PLACE))
    assert conflicting_labels([twice, made("京", Entity(0, 1, PLACE))]) == {"京": Counter({PLACE: 2, BODY: 1})}


@pytest.mark.skipif(not REAL.is_dir(), reason="the MSRA files are not part of the project")
def test_real_corpus() -> None:
    train, test = list(read_msra(REAL / "train.bio")), list(read_msra(REAL / "test.bio"))
    assert (len(train), sum(len(example.entities) for example in train)) == (45_000, 75_059)
    assert (len(test), sum(len(example.entities) for example in test)) == (3_442, 6_190)
    assert len(conflicting_labels(train)) == 156
    pieces = [piece for example in test for piece in split_long(example, 256)]
    assert max(len(example.document.text) for example in test) == 2_427
    assert max(len(piece.document.text) for piece in pieces) <= 256
    assert sum(len(piece.entities) for piece in pieces) == 6_190
