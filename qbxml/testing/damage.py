"""Documents made wrong: the ways in which a document goes bad, each a function that changes a tree of markup.

A damage does not promise that the result is invalid. A line taken out may leave a valid document, and two damages may
undo each other: what is right is for the schema to say.
"""

from __future__ import annotations

from ..schema import Schema
from ..versions import NEWEST_VERSION
from .generation import Node
from .values import fill, refused, spellings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .values import Pick

_FOREIGN = ("Foreign", "name", "ListId", "QBXML", "Name2", "x:Name")
_STRAYS = ("stray", "0", "&", "\xa0", " . ", "  ")


def damage(root: Node, pick: Pick, times: int = 1) -> Node:
    """A copy of a document with that many damages, chosen by ``pick``."""
    root = root.copy()
    for _ in range(times):
        nodes = list(root.walk())
        node = nodes[pick(len(nodes))]
        DAMAGES[pick(len(DAMAGES))](root, node, pick)
    return root


def _parent(root: Node, node: Node) -> tuple[Node, int] | None:
    for one in root.walk():
        for index, child in enumerate(one.children):
            if child is node:
                return one, index
    return None


def _any_leaf(root: Node, pick: Pick) -> Node | None:
    leaves = [node for node in root.walk() if node.field is not None and not node.field.is_record]
    return leaves[pick(len(leaves))] if leaves else None


def delete(root: Node, node: Node, pick: Pick) -> None:
    """Take an element out."""
    found = _parent(root, node)
    if found:
        del found[0].children[found[1]]


def duplicate(root: Node, node: Node, pick: Pick) -> None:
    """An element a second time, beside itself or elsewhere in its parent; now and then many times."""
    found = _parent(root, node)
    if found:
        parent, index = found
        where = index if pick(2) else pick(len(parent.children) + 1)
        for _ in range((1, 1, 1, 9)[pick(4)]):
            parent.children.insert(where, node.copy())


def move(root: Node, node: Node, pick: Pick) -> None:
    """An element to another place in its parent."""
    found = _parent(root, node)
    if found:
        parent, index = found
        del parent.children[index]
        parent.children.insert(pick(len(parent.children) + 1), node)


def transplant(root: Node, node: Node, pick: Pick) -> None:
    """An element into another parent, or a copy of one put into itself."""
    others = [one for one in root.walk() if one.record is not None]
    if others:
        target = others[pick(len(others))]
        target.children.insert(pick(len(target.children) + 1), node.copy())


def rename(root: Node, node: Node, pick: Pick) -> None:
    """Another name: misspelled, or that of a brother."""
    found = _parent(root, node)
    names = [f"{node.name}s", node.name[:-1] or "x", node.name.swapcase(), f"q:{node.name}"]
    if found and found[0].record is not None:
        names += found[0].record.fields
    node.name = names[pick(len(names))]
    prefix, colon, _ = node.name.partition(":")
    if colon:
        node.attributes[f"xmlns:{prefix}"] = "urn:q"


def foreign(root: Node, node: Node, pick: Pick) -> None:
    """An element that no schema knows, empty, with text or with elements."""
    name = _FOREIGN[pick(len(_FOREIGN))]
    content: Sequence[Node | str] = ((), ("text",), (Node("Inner", ["x"]), Node("Inner")))[pick(3)]
    attributes = {"xmlns:x": "urn:x"} if ":" in name else {}
    node.children.insert(pick(len(node.children) + 1), Node(name, content, attributes))


def brother(root: Node, node: Node, pick: Pick) -> None:
    """A field of the record, of this or of another version or edition, where it may not belong."""
    if node.record is None:
        return
    known = Schema(NEWEST_VERSION).record(node.record.name)
    fields = list(known.fields.values()) + list(node.record.fields.values())
    if not fields:
        return
    field = fields[pick(len(fields))]
    if field.is_record:
        new = Node(field.name)
    else:
        texts = spellings(field) or ("",)
        new = Node(field.name, [texts[pick(len(texts))]])
    node.children.insert(pick(len(node.children) + 1), new)


def spoil(root: Node, node: Node, pick: Pick) -> None:
    """A text that its type refuses, or any other."""
    leaf = _any_leaf(root, pick)
    if leaf is None or leaf.field is None:
        return
    texts = refused(leaf.field) or ("", "\n", fill("x", 5000))
    leaf.children = [texts[pick(len(texts))]]


def lengthen(root: Node, node: Node, pick: Pick) -> None:
    """A text at its limit, or one over it."""
    leaf = _any_leaf(root, pick)
    if leaf is not None and leaf.field is not None and leaf.field.limit is not None:
        filling = ("x", "\xff", "\U0001f600", " ")[pick(4)]
        leaf.children = [fill(filling, leaf.field.limit + pick(2))]


def edge(root: Node, node: Node, pick: Pick) -> None:
    """Another text that its type allows, whatever the bounds of the element."""
    leaf = _any_leaf(root, pick)
    if leaf is not None and leaf.field is not None:
        texts = ("0", "-1", "1", "13", "32", "10000", "", " ", "true", "2024-02-29", "99999999999999999999")
        leaf.children = [texts[pick(len(texts))]]


def empty(root: Node, node: Node, pick: Pick) -> None:
    """Nothing left in an element."""
    node.children = []


def attribute(root: Node, node: Node, pick: Pick) -> None:
    """An attribute that should not be there, or with a value that it can't have."""
    names = ["foreign", "requestID", "useMacro", "defMacro", "metaData", "xml:lang", "iterator", "x:name"]
    if node.record is not None:
        known = list(node.record.attributes.values())
        if known and pick(2) == 0:
            field = known[pick(len(known))]
            texts = refused(field) or ("", "anything")
            node.attributes[field.name] = texts[pick(len(texts))]
            return
    name = names[pick(len(names))]
    if ":" in name and not name.startswith("xml"):
        node.attributes["xmlns:x"] = "urn:x"
    node.attributes[name] = ("", "1", "Start")[pick(3)]


def bare(root: Node, node: Node, pick: Pick) -> None:
    """An attribute taken away."""
    having = [one for one in root.walk() if one.attributes]
    if having:
        target = having[pick(len(having))]
        names = list(target.attributes)
        name = names[pick(len(names))]
        if not name.startswith("xmlns"):
            del target.attributes[name]


def stray(root: Node, node: Node, pick: Pick) -> None:
    """Text between elements."""
    node.children.insert(pick(len(node.children) + 1), _STRAYS[pick(len(_STRAYS))])


def nest(root: Node, node: Node, pick: Pick) -> None:
    """An element within a leaf, or within a copy of itself."""
    leaf = _any_leaf(root, pick)
    target = leaf if leaf is not None and pick(2) == 0 else node
    target.children.append(Node(target.name, ["x"]))


#: All damages; the first is the plainest.
DAMAGES: tuple[Callable[[Node, Node, Pick], None], ...] = (
    delete, duplicate, move, transplant, rename, foreign, brother, spoil, lengthen, edge, empty, attribute, bare, stray,
    nest, spoil, brother, move,
)  # fmt: skip
