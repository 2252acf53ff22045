"""A first request, from end to end: `make demo`.

An endpoint is served over HTTP on this machine, requests are queued, and one update of the Web Connector is
run against it. Endpoint, queue, codec and HTTP are the real ones. QuickBooks and its Web Connector exist on
Windows only, so others stand in for them (demo/stand_ins.py): a SOAP client of another make, and recorded
answers.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Any

from lxml import etree

import qbxml
import soap
from demo.stand_ins import RecordedQuickBooks, Step, WebConnector
from qbxml import requests as rq
from soap.serving import serving

FIXTURES = Path(__file__).parents[1] / "fixtures" / "qbxml"

USERNAME = "annie"
CONNECTION = "swamp-and-sons"


def queue_requests(queue: soap.RequestQueue) -> list[str]:
    """Queue what the demo asks for; the ids come in the order of the requests."""
    customers = rq.CustomerQueryRq(FullName=["Annie's Alligators"])
    invoices = rq.InvoiceQueryRq(EntityFilter=rq.EntityFilter(FullName=["Annie's Alligators"]), IncludeLineItems=True)
    invoice = rq.InvoiceAddRq(
        InvoiceAdd=rq.InvoiceAdd(
            CustomerRef=rq.CustomerRef(FullName="Annie's Alligators"),
            TxnDate="2023-09-18",
            Memo="Autumn cleaning",
            InvoiceLineAdd=[
                rq.InvoiceLineAdd(
                    ItemRef=rq.ItemRef(FullName="Gardening"),
                    Desc="Leaves & reeds",
                    Quantity=3,
                    Rate="50.00",
                )
            ],
        )
    )
    return [
        queue.enqueue(CONNECTION, customers, handler="change_phone"),
        queue.enqueue(CONNECTION, invoices),
        queue.enqueue(CONNECTION, invoice),
    ]


def handlers(queue: soap.RequestQueue, ids: list[str]) -> soap.HandlerRunner:
    """What runs the handlers, which are named with the requests: here one, that appends to ``ids``."""

    def change_phone(result: soap.Result) -> None:
        # Called when the customer has been read: only now is its EditSequence known, without which nothing is
        # changed. to_mod carries it over, with the ListID and nothing that is to stay as it is.
        (customer,) = result.raise_for_status().records
        change, _ = qbxml.to_mod(customer, {"Phone": "555-0142"})
        # A handler may be called twice, where its process died: the key sees to it that the change is queued once.
        ids.append(queue.enqueue(CONNECTION, change, idempotency_key=f"phone after {result.id}"))

    return soap.HandlerRunner(queue, {"change_phone": change_phone})


# --- telling what happens


def tell(step: Step, quickbooks: RecordedQuickBooks) -> None:
    """Print one call of the Web Connector and what it was answered."""
    if step.call == "authenticate":
        ticket, work = step.answer
        print(f"  authenticate({USERNAME!r}, ...)  ->  {'a ticket' if ticket else 'no ticket'}, {work or ''!r}")
    elif step.call == "sendRequestXML":
        offered = f"{step.arguments['qbXMLMajorVers']}.{step.arguments['qbXMLMinorVers']}"
        print(f"\n  sendRequestXML(..., {step.arguments['qbXMLCountry']!r}, {offered})  ->")
        print(indented(laid_out(step.answer), 6))
    elif step.call == "receiveResponseXML":
        if step.arguments["hresult"]:
            print(f"  QuickBooks: refused, {step.arguments['hresult']} {step.arguments['message']}")
        else:
            names, version = quickbooks.checked[-1]
            print(f"  QuickBooks: {', '.join(names)} is valid qbXML {version}; answered from the record")
        size = len(step.arguments["response"])
        print(f"  receiveResponseXML(..., {size} characters)  ->  {step.answer}")
    elif step.call == "closeConnection":
        print(f"\n  closeConnection(...)  ->  {step.answer!r}")
    else:
        given = ", ".join(repr(value) for name, value in step.arguments.items() if name != "ticket")
        print(f"  {step.call}({given})  ->  {step.answer or ''!r}")


def tell_result(result: soap.Result) -> None:
    """Print the answer to one request: its status, and each record as the dict that it is."""
    name = result.name if result.response is None else result.response.name
    said = result.status_message or (result.error or {}).get("message", "no answer")
    print(f"\n{name}: {said} ({result.state.value})")
    for record in result.records:
        print(f"  {record.name}")
        print(indented(outline(record), 4))


def outline(value: dict[str, Any], depth: int = 0) -> str:
    """A record as lines of name and value; what is nested stands under its name."""
    lines = []
    for name, content in value.items():
        for item in content if isinstance(content, list) else [content]:
            if isinstance(item, dict):
                lines += [f"{'  ' * depth}{name}", outline(item, depth + 1)]
            else:
                lines.append(f"{'  ' * depth}{name:<{24 - 2 * depth}} {shown(item)}")
    return "\n".join(lines)


def shown(value: object) -> str:
    """A value as it would be written in qbXML, with its Python type where that is not a text."""
    if isinstance(value, str):
        return value
    text = str(value).lower() if isinstance(value, bool) else getattr(value, "isoformat", value.__str__)()
    return f"{text}  ({type(value).__name__})"


def laid_out(document: str) -> str:
    """A request document with its elements on lines of their own; it is sent without that."""
    root = etree.fromstring(document.encode())
    etree.indent(root)
    head = document.partition("<QBXML>")[0]
    return head + etree.tostring(root, encoding="unicode")


def indented(text: str, by: int) -> str:
    """``text`` with every line moved right."""
    return "\n".join(" " * by + line for line in text.splitlines())


def main() -> int:
    """Run the demo. 0 when every request was answered without an error, else 1."""
    queue = soap.MemoryQueue()
    password = secrets.token_urlsafe(12)
    authenticator = soap.single_user(USERNAME, password, soap.Account(CONNECTION))
    ids = queue_requests(queue)
    runner = handlers(queue, ids)
    print(f"{len(ids)} requests are queued; one more will follow from the first answer.\n")

    quickbooks = RecordedQuickBooks(FIXTURES)
    with serving(lambda url: soap.application(queue=queue, authenticator=authenticator, url=url)) as url:
        print(f"The endpoint is served at {url}. One update of the Web Connector:\n")
        for step in WebConnector(f"{url}?wsdl", quickbooks, USERNAME, password).update():
            tell(step, quickbooks)
            # A program has a thread for this, or `python -m soap work`. Here it is done step by step.
            while runner.run_once():
                pass

    print("\nWhat came back:")
    results = [queue.result(id_) for id_ in ids]
    for result in results:
        tell_result(result)
    done = [result for result in results if result.state is soap.State.DONE]
    print(f"\n{len(done)} of {len(results)} requests are done.")
    return 0 if len(done) == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
