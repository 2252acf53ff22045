"""Documents and what becomes of them when bytes are lost, doubled, changed and mixed."""

from __future__ import annotations

from random import Random

from qbxml import Schema
from qbxml.testing.damage import damage
from qbxml.testing.generation import Generator, seeded
from qbxml.testing.markup import write

#: What means something to a parser, wherever it gets to.
TOKENS = (
    b"<", b">", b"&", b"'", b'"', b"=", b"/", b"\x00", b"\xff", b"\n", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?",
    b"?>", b"x>\n",
    b"&amp;", b"&#0;", b"&#x10FFFF;", b"&#xD800;", b"&e;", b"<!DOCTYPE QBXML>", b"<!DOCTYPE QBXML [<!ENTITY e 'x'>]>",
    b"<!ENTITY", b" xmlns='urn:x'", b" xmlns:x='urn:x'", b"<x:y/>", b"<QBXML>", b"</QBXML>", b"<QBXMLMsgsRs>",
    b"<Foreign/>",
    b"<QBXMLEvents>", b"</QBXMLMsgsRs>", b" requestID='1'", b"<?xml version='1.0' encoding='utf-16'?>", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\xfe\xff", b"<?qbxml version='13.0'?>", b"\xc3\xa9", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"99999999999",
    b"-1", b"0", b"2024-02-30", b"<a>" * 300, b"x" * 5000, b"&#65;" * 50,
)  # fmt: skip


class Corpus:
    """Documents of all messages of some versions, made when asked for, always the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.schemas = [Schema("16.0"), Schema("13.0", "US"), Schema("5.0"), Schema("8.0", "UK")]

    def document(self, number: int) -> bytes:
        """The document of that number; some are damaged already, as trees."""
        pick = seeded((self.seed, number))
        generator = Generator(self.schemas[number % len(self.schemas)], pick, size=30, beyond=True)
        side = ("Rs", "Rs", "Rq")[pick(3)]
        root = generator.document(side)
        if pick(3) == 0:
            root = damage(root, pick, 1 + pick(2))
        return write(root, pick, version="13.0" if pick(2) else None)


def mutate(data: bytes, other: bytes, chance: Random) -> bytes:
    """The bytes with one to eight changes; ``other`` is a document to take pieces from."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4, 8))):
        size = len(changed)
        place = chance.randrange(size + 1)
        length = chance.choice((1, 1, 2, 4, 16, 100))
        kind = chance.randrange(9)
        if kind == 0:
            del changed[place : place + length]
        elif kind == 1:
            changed[place:place] = changed[place : place + length] * chance.choice((1, 2, 20))
        elif kind == 2:
            changed[place:place] = chance.choice(TOKENS)
        elif kind == 3 and place < size:
            changed[place] = chance.randrange(256)
        elif kind == 4 and place < size:
            changed[place] ^= 1 << chance.randrange(8)
        elif kind == 5:
            start = chance.randrange(len(other) + 1)
            changed[place:place] = other[start : start + length]
        elif kind == 6:
            token = chance.choice(TOKENS)
            changed[place : place + len(token)] = token
        elif kind == 7:
            target = chance.randrange(size + 1)
            piece = changed[place : place + length]
            del changed[place : place + length]
            changed[target:target] = piece
        elif kind == 8 and chance.randrange(4) == 0:
            del changed[place:]
    return bytes(changed)
