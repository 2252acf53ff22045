"""From a queue to QuickBooks and back: the sample company, a simulated Web Connector, the endpoint over real HTTP.

    python demo/company.py

Everything is this project's own. Only Windows is not there: a company file of the simulator stands for QuickBooks, and
a simulated Web Connector polls the endpoint as the real one does. One answer is lost on its way, on purpose.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import qbxml
import soap.accounts
import soap.qwc
from qbsimulator import Company, Faults, WebConnector
from qbsimulator.connector import Outcome, Step, Update
from qbsimulator.sample import TODAY
from qbxml import requests as rq
from qbxml.reports import report
from soap.serving import serving

CONNECTION = "quillfeather"
ANNIE = "Annie's Alligators"
NEWCOMER = "Marsh & Daughters"
PAGE = 20


class Demo:
    """What is asked of QuickBooks, and what follows from the answers."""

    def __init__(self, queue: soap.RequestQueue) -> None:
        self.queue = queue
        self.ids: list[str] = []
        self.customers: list[str] = []
        self.runner = soap.HandlerRunner(queue, {"next page": self.next_page, "go on": self.go_on})

    def ask(self, *requests: Any, **options: Any) -> None:
        """Queue requests: several of them go together, in one message set."""
        self.ids += self.queue.enqueue_many(CONNECTION, list(requests), one_set=len(requests) > 1, **options)

    def begin(self) -> None:
        """Queue what the demo begins with."""
        self.ask(rq.CustomerQueryRq(FullName=[ANNIE]))
        self.ask(rq.CustomerQueryRq(iterator="Start", MaxReturned=PAGE), handler="next page")
        newcomer = rq.CustomerAddRq(CustomerAdd=rq.CustomerAdd(Name=NEWCOMER, CompanyName=NEWCOMER, Phone="555-0100"))
        line = rq.InvoiceLineAdd(ItemRef=rq.ItemRef(FullName="Design"), Quantity=4)
        invoice = rq.InvoiceAdd(CustomerRef=rq.CustomerRef(FullName=NEWCOMER), InvoiceLineAdd=[line])
        self.ask(newcomer, rq.InvoiceAddRq(InvoiceAdd=invoice), handler="go on")
        period = {"FromReportDate": date(2023, 1, 1), "ToReportDate": date(2023, 12, 15)}
        sheet = {"GeneralSummaryReportType": "BalanceSheetStandard", "ReportPeriod": period}
        self.ask({"GeneralSummaryReportQueryRq": sheet}, priority=-10)

    # -- handlers: called with a result, once it is kept ---------------------------------------------------------------

    def next_page(self, result: soap.Result) -> None:
        """Ask for the next page: before anything else, for the iterator lives as long as the session."""
        self.customers += [str(one["FullName"]) for one in result.raise_for_status().records]
        answer = result.response
        if answer is not None and answer.iterator_remaining_count:
            following = rq.CustomerQueryRq(iterator="Continue", iteratorID=answer.iterator_id, MaxReturned=PAGE)
            self.ask(following, handler="next page", priority=10, idempotency_key=f"after {result.id}")

    def go_on(self, result: soap.Result) -> None:
        """Of the new customer change the phone, of the invoice receive the half."""
        (record,) = result.raise_for_status().records
        if record.name == "CustomerRet":
            # to_mod carries ListID and EditSequence over: QuickBooks refuses the change of a record that has changed.
            change, _ = qbxml.to_mod(record, {"Phone": "555-0142"})
            self.ask(change, idempotency_key=f"after {result.id}")
        else:
            half = record["BalanceRemaining"] / 2
            applied = rq.AppliedToTxnAdd(TxnID=record["TxnID"], PaymentAmount=half)
            payment = rq.ReceivePaymentAdd(
                CustomerRef=rq.CustomerRef(FullName=NEWCOMER), TotalAmount=half, AppliedToTxnAdd=[applied]
            )
            self.ask(rq.ReceivePaymentAddRq(ReceivePaymentAdd=payment), idempotency_key=f"after {result.id}")


# --- telling what happens


def tell(update: Update, step: Step) -> None:
    """Print one call of the Web Connector."""
    answer = step.error or step.answer
    if step.call == "authenticate":
        print(f"  authenticate  ->  a ticket, {answer[1]!r}")
    elif step.call == "sendRequestXML" and not step.error:
        names = [message.name for message in qbxml.parse_request(answer)] if answer else []
        print(f"  sendRequestXML  ->  {', '.join(names) or repr(answer)}")
    elif step.call == "receiveResponseXML":
        size = len(step.arguments.get("response") or "")
        print(f"  receiveResponseXML, {size} characters  ->  {f'LOST: {answer}' if step.error else answer}")
    else:
        print(f"  {step.call}  ->  {answer!r}")


def tell_result(result: soap.Result) -> None:
    """Print what became of one request."""
    recovered = ": its answer was lost, and QuickBooks remembered what it had done" if result.recovered else ""
    print(f"  {result.name:<28} {result.status_message or result.error}{recovered}")
    for record in result.records[:1]:
        if record.name == "ReportRet" or len(result.records) > 1:
            continue
        shown = ("ListID", "TxnID", "EditSequence", "FullName", "Phone", "Balance", "BalanceRemaining", "TotalAmount")
        print("  " + " " * 29 + ", ".join(f"{name} {record[name]}" for name in shown if name in record))


def tell_sheet(results: Iterable[soap.Result]) -> None:
    """Print the balance sheet, its totals at least."""
    for result in results:
        if result.name == "GeneralSummaryReportQueryRq" and result.response is not None:
            sheet = report(result.response)
            print(f"\n{sheet.title}, {sheet.subtitle}")
            for row in sheet.rows:
                if row.kind != "DataRow" and row.cells[-1] is not None:
                    print(f"  {row.label:<36}{row.cells[-1]:>12}")


def main() -> int:
    """Run the demo. 0 when every request was done, else 1."""
    with tempfile.TemporaryDirectory(prefix="openqbd-demo-") as folder:
        return run(Path(folder), print)


def run(folder: Path, say: Callable[[str], object]) -> int:
    """Run it with its files in ``folder``."""
    say("Making the sample company: two years of a builder's books, entered through qbXML.")
    begun = time.monotonic()
    # The sample's own present, from which on time passes.
    company = Company.create(
        folder / "quillfeather.company", template="sample", clock=lambda: TODAY + time.monotonic() - begun
    )
    queue = soap.SQLQueue(f"sqlite:///{folder / 'queue.sqlite'}")
    accounts = soap.accounts.SQLAccounts(queue)
    account, password = accounts.add(CONNECTION, "annie", app_name="OpenQBD demo")
    demo = Demo(queue)
    demo.begin()
    with company, serving(lambda url: soap.application(queue=queue, authenticator=accounts, url=url)) as url:
        say(f"The endpoint is served at {url}.")
        owner_id, file_id = account.identifiers
        # The Web Connector takes plain http from this very machine alone, by its name.
        url = url.replace("127.0.0.1", "localhost")
        file = soap.qwc.build(app_name=account.app_name, url=url, username="annie", owner_id=owner_id, file_id=file_id)

        def step_done(update: Update, step: Step) -> None:
            tell(update, step)
            while demo.runner.run_once():  # a program has a thread for this, or `python -m soap work`
                pass

        # The fifth answer never arrives.
        faults = Faults(["lost-request=receiveResponseXML@5"])
        connector = WebConnector(faults=faults, on_step=step_done)
        connector.add(file, company, password)
        for number in range(1, 6):
            say(f"\nUpdate {number} of the Web Connector:")
            update = connector.update(account.app_name)
            say(f"  {update.outcome.value}: {update.status}")
            if update.outcome in (Outcome.COMPLETED, Outcome.NO_DATA):
                break

    results = [queue.result(id_) for id_ in demo.ids]
    queue.close()
    say("\nWhat came back:")
    for result in results:
        tell_result(result)
    say(
        f"\n{len(demo.customers)} customers and jobs were read page by page, from {demo.customers[0]} to"
        f" {demo.customers[-1]}."
    )
    tell_sheet(results)
    done = [result for result in results if result.state is soap.State.DONE]
    recovered = [result for result in results if result.recovered]
    say(f"\n{len(done)} of {len(results)} requests are done; of {len(recovered)} the answer was lost and recovered.")
    return 0 if len(done) == len(results) and recovered else 1


if __name__ == "__main__":
    sys.exit(main())
