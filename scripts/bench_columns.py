"""How fast Spark and DuckDB redact a column of texts, beside a plain loop, `pii-sft scan` and Presidio's sample.

    python -m scripts.bench_columns [--rows rules=10000 --rows tagger-fast=2000] [--rounds 2] [--presidio SPACY_MODEL]

All write labels in place of what they find in the rows of `bench_scan`. Every run is a process of its own, and they
take turns. Spark has two workers on this machine, each with one thread of the engine; the loop and DuckDB have the
engine's own threads. Presidio runs as its sample for Spark has it: an analyzer and an anonymizer that are broadcast,
and one text after another. Unless a spaCy model is named, it has its patterns for English alone, without a model for
names, so it finds other things than the detectors do.

Prints a table, and one JSON line last. `first` is the query with the start of Spark's workers and the loading of
models, but without the start of Python and of Spark, `again` the same query once more in the same process, of which
the rows a second follow, and `cpu` the CPU seconds that all processes took for it. All are the least of the rounds. A
scan is a command of its own, and counts as a whole.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

from pii_sft.cli.shared.table import print_table
from scripts.bench_scan import cpu_seconds, write_rows

_SESSION = """
from pyspark.sql import SparkSession, functions as F
options = {"spark.ui.enabled": "false", "spark.driver.memory": "1g", "spark.sql.files.openCostInBytes": "0",
           "spark.sql.files.minPartitionNum": "2"}
spark = SparkSession.builder.master("local[2]").config(map=options).getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
frame = spark.read.schema("text string").json(path)
"""
_PROGRAMS = {
    "loop": """
from pii_sft import Detector
from pii_sft.columns import row_redaction
def prepare():
    texts = [json.loads(line)["text"] for line in open(path, encoding="utf-8")]
    return Detector.load(name), row_redaction("label"), texts
def query(detector, redaction, texts):
    batches = (texts[first : first + 256] for first in range(0, len(texts), 256))
    found = [prediction for batch in batches for prediction in detector.detect_batch(batch)]
    return sum(redaction([prediction]) != [prediction.text] for prediction in found)
""",
    "DuckDB": """
import duckdb
from pii_sft.duckdb import register
def prepare():
    register(connection := duckdb.connect(), name)
    return [connection]
def query(connection):
    return connection.execute(f"SELECT count(*) FROM '{path}' WHERE redact_pii(text) <> text").fetchall()[0][0]
""",
    "Spark": _SESSION
    + """
from pii_sft.spark import redact_udf
def prepare():
    return [redact_udf("label", name)]
def query(redact):
    return frame.where(redact("text") != F.col("text")).count()
""",
    "Presidio's sample": _SESSION
    + """
import pandas as pd
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig
from eval.baselines.presidio import PresidioEngine
def prepare():
    engine = PresidioEngine(name or None)
    language = engine._language
    broadcast_analyzer = spark.sparkContext.broadcast(engine._analyzer)
    broadcast_anonymizer = spark.sparkContext.broadcast(AnonymizerEngine())
    def anonymize_text(text: str) -> str:
        results = broadcast_analyzer.value.analyze(text=text, language=language)
        operators = {"DEFAULT": OperatorConfig("replace", {"new_value": "<ANONYMIZED>"})}
        return broadcast_anonymizer.value.anonymize(text=text, analyzer_results=results, operators=operators).text
    def anonymize_series(texts: pd.Series) -> pd.Series:
        from tldextract import TLDExtract, tldextract
        tldextract.TLD_EXTRACTOR = TLDExtract(suffix_list_urls=())  # or it asks the network for a list
        return texts.apply(anonymize_text)
    return [F.pandas_udf(anonymize_series, returnType="string")]
def query(anonymize):
    return frame.where(anonymize("text") != F.col("text")).count()
""",
}
_TIMED = """
import json, os, sys, time
from pathlib import Path
from scripts.bench_scan import family
path, name = sys.argv[1:3]
def cpu():
    ticks = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15] for pid in family(os.getpid())]
    return sum(map(int, sum(ticks, []))) / os.sysconf("SC_CLK_TCK")
PROGRAM
began = time.perf_counter()
arguments = prepare()
query(*arguments)
first, used = time.perf_counter(), cpu()
found = query(*arguments)
again = time.perf_counter() - first
result = {"first": first - began, "again": again, "cpu": cpu() - used, "found": found}
print("", json.dumps(result), sep="\\n", flush=True)  # DuckDB may have begun a line with its progress
"""


def run_program(program: str, source: Path, name: str) -> dict[str, float]:
    """Seconds of a program's query, the first time and again, and the rows in which it found something."""
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", _TIMED.replace("PROGRAM", program), str(source), name]
    output = subprocess.run(command, capture_output=True, text=True, env=environment)
    if output.returncode:
        sys.exit(output.stderr)
    result: dict[str, float] = json.loads(output.stdout.splitlines()[-1])
    return result


def run_scan(source: Path, name: str, workers: int) -> dict[str, float]:
    """Seconds of a whole scan, and the rows in which it found something."""
    from pyarrow import parquet

    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "pii_sft", "scan", str(source), "--column", "text", "--redact", "label"]
        command += ["--out", out, "--detector", name, "--workers", str(workers)]
        start, used = time.perf_counter(), cpu_seconds()
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        seconds, cpu = time.perf_counter() - start, cpu_seconds() - used
        rows = parquet.read_table(Path(out) / "findings.parquet")["row"]
        return {"first": seconds, "again": seconds, "cpu": cpu, "found": len(rows.unique())}


def measure(run: str, source: Path, name: str) -> dict[str, float]:
    """What a run took and found."""
    if run.startswith("scan"):
        return run_scan(source, name, int(run.split()[1]))
    return run_program(_PROGRAMS[run], source, name)


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", action="append", metavar="DETECTOR=ROWS")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--presidio", default="", metavar="SPACY_MODEL")
    arguments = parser.parse_args()
    cases = dict(case.rsplit("=", 1) for case in arguments.rows or ["rules=10000", "tagger-fast=2000"])
    ours = ["loop", "scan 1", "scan 2", "DuckDB", "Spark"]
    runs = [(name, int(rows), run) for (name, rows), run in product(cases.items(), ours)]
    runs.append((arguments.presidio, max(rows for _, rows, _ in runs), "Presidio's sample"))
    results: dict[tuple[str, int, str], list[dict[str, float]]] = {run: [] for run in runs}
    with tempfile.TemporaryDirectory() as folder:
        for _, (name, rows, run) in product(range(arguments.rounds), runs):
            source = Path(folder) / f"{rows}.jsonl"
            if not source.exists():
                write_rows(source, rows)
            results[name, rows, run].append(measure(run, source, name))
            print(run, name, rows, results[name, rows, run][-1], file=sys.stderr)
    report(results)


def report(results: dict[tuple[str, int, str], list[dict[str, float]]]) -> None:
    """Print the table and the JSON line."""
    lines: list[dict[str, object]] = []
    for (name, rows, run), rounds in results.items():
        first, again, cpu = (min(one[key] for one in rounds) for key in ("first", "again", "cpu"))
        line = {"run": run, "detector": name, "rows": rows, "first": round(first, 2), "again": round(again, 2)}
        lines.append(
            {**line, "cpu": round(cpu, 2), "rows_s": round(rows / again), "found": rounds[0]["found"], "rounds": rounds}
        )
    columns = ("run", "detector", "rows", "first", "again", "cpu", "rows_s", "found")
    print_table(columns, [[str(line[column]) for column in columns] for line in lines])
    print(json.dumps({"runs": lines}))


if __name__ == "__main__":
    main()
