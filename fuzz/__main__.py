"""``python -m fuzz``: mutated documents for the readers, until the time is over.

Every outcome must be a document or :class:`qbxml.ParseError` (strictly: a list of problems); any other exception is a
finding, and so is a document that takes long, one on which ``validate`` and libxml2 disagree, and one that does not
survive building. Findings are kept in ``fuzz/findings/``; the exit status says whether there were any.

    FUZZ_SECONDS=60 FUZZ_SEED=1 FUZZ_ITERATIONS=0 python -m fuzz   # the defaults; 0: as many as there is time for
    python -m fuzz fuzz/findings/*                                 # try these again
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

from fuzz.mutation import Corpus, mutate
from fuzz.target import Finding, check

FINDINGS = Path(__file__).parent / "findings"


def main(arguments: list[str]) -> int:
    """Run, or with names of files run these again; the exit status."""
    if arguments:
        return again(arguments)
    seconds = float(os.environ.get("FUZZ_SECONDS", "60"))
    iterations = int(os.environ.get("FUZZ_ITERATIONS", "0"))
    seed = int(os.environ.get("FUZZ_SEED", "1"))
    outcomes, findings = run(seed, iterations, seconds)
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:8} {outcome}")
    for path in findings:
        print(f"FOUND: {path}")
    return 1 if findings else 0


def run(seed: int, iterations: int, seconds: float, keep: Path = FINDINGS) -> tuple[Counter[str], list[Path]]:
    """Try mutated documents: so many, or as many as fit into the time. What came of them, and what was found."""
    chance = Random(seed)
    corpus = Corpus(seed)
    documents = [corpus.document(number) for number in range(40)]
    outcomes: Counter[str] = Counter()
    findings: dict[str, Path] = {}
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end and (not iterations or number < iterations):
        if number % 50 == 49:  # fresh ones, now and then
            documents[chance.randrange(len(documents))] = corpus.document(len(documents) + number)
        data = mutate(chance.choice(documents), chance.choice(documents), chance)
        number += 1
        try:
            outcomes[check(data)] += 1
        except Exception as error:
            outcomes["FOUND"] += 1
            findings.setdefault(place_of(error), save(data, error, keep))
    return outcomes, list(findings.values())


def place_of(error: Exception) -> str:
    """What makes two findings the same: the kind of error, and where it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = str(error)[:40] if isinstance(error, Finding) else ""
    return f"{type(error).__name__} {last.filename}:{last.lineno} {what}"


def save(data: bytes, error: Exception, folder: Path) -> Path:
    """Keep the bytes, and beside them how they were found."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.xml"
    path.write_bytes(data)
    path.with_suffix(".txt").write_text("".join(traceback.format_exception(error)), "utf-8")
    return path


def again(names: list[str]) -> int:
    """Try files again and say what comes of them; the exit status."""
    failed = 0
    for name in names:
        if name.endswith(".txt"):
            continue
        try:
            print(f"{name}: {check(Path(name).read_bytes())}")
        except Exception:
            failed += 1
            print(f"{name}:")
            traceback.print_exc()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
