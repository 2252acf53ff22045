"""The whole script of the sample company: every request that makes it, in order, each at its time."""

from __future__ import annotations

import random

from .corrections import Corrections
from .diary import Diary
from .lists import list_steps
from .office import Office
from .purchases import Purchases
from .sales import Sales
from .step import Step

#: Everything by chance comes from it.
SEED = 1693947446


def steps(seed: int = SEED) -> list[Step]:
    """The script: the same for a seed, always.

    Each part has a source of chance of its own, so that a change in one leaves the others as they were.
    """

    def chance(part: str) -> random.Random:
        return random.Random(f"{seed} {part}")

    diary = Diary()
    sales = Sales(diary, chance("sales"))
    sales.write()
    Purchases(diary, chance("purchases"), sales.sold).write()
    Office(diary, chance("office"), sales.sold).write()
    Corrections(diary, sales.sold).write()
    return [*list_steps(chance("lists")), *diary.steps(chance("diary"))]
