"""AgedReceivables (a row per customer) and AgedReceivableDetail (a row per open document).

Belongs here: the two reports' rows and columns. Does not belong here: what is open.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import Books
from q2c_pipeline.sandbox.quickbooks.books.customers import CustomerList
from q2c_pipeline.sandbox.quickbooks.books.record_fields import ZERO
from q2c_pipeline.sandbox.quickbooks.reports.ageing import AgedItem, Ageing
from q2c_pipeline.sandbox.quickbooks.reports.context import ReportContext
from q2c_pipeline.sandbox.quickbooks.reports.layout import (
    Json,
    Line,
    add_up,
    cell,
    column,
    line_row,
    money,
    money_or_blank,
    report,
    section,
    summary_cells,
)

Amounts = tuple[Decimal, ...]


def aged_receivables(parameters: Mapping[str, str], books: Books, context: ReportContext) -> Json:
    ageing = Ageing.asked(parameters, context)
    titles = ageing.titles
    by_customer: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO] * len(titles))
    for aged in ageing.open_items(books):
        by_customer[aged.item.customer_id][aged.bucket] += aged.open_home
    owed = {
        customer_id: (*buckets, sum(buckets, ZERO))
        for customer_id, buckets in by_customer.items()
        if any(buckets)
    }
    lines = _customer_lines(owed, books.customers, width=len(titles) + 1)
    rows = [line_row(line) for line in lines]
    if lines:
        total = add_up([line.total for line in lines])
        rows.append(section(group="GrandTotal", summary=summary_cells("TOTAL", total)))
    money_columns = [column(title, "Money") for title in (*titles, "Total")]
    return _aged_report(
        "AgedReceivables",
        ageing,
        context,
        columns=[column("", "Customer"), *money_columns],
        rows=rows,
    )


def _customer_lines(
    owed: Mapping[str, Amounts], customers: CustomerList, *, width: int
) -> list[Line]:
    """Jobs under their parents; a parent is shown, blank, when only a job of its owes."""
    jobs: dict[str | None, set[str]] = defaultdict(set)
    for customer_id in owed:
        for member in customers.upwards(customer_id):
            jobs[customers.parent(member)].add(member)

    def lines(customer_ids: set[str]) -> list[Line]:
        found = [
            Line(
                name=customers.name(customer_id),
                id=customer_id,
                amounts=owed.get(customer_id, (ZERO,) * width),
                children=lines(jobs.get(customer_id, set())),
            )
            for customer_id in customer_ids
        ]
        return sorted(found, key=lambda line: (line.name.casefold(), line.id))

    return lines(jobs[None])


@dataclass(frozen=True, slots=True)
class DetailColumn:
    """``value`` gives the cell's text; the multi-currency ones exist in such companies only."""

    title: str
    kind: str
    value: Callable[[AgedItem, CustomerList], str]
    is_multicurrency: bool = False
    is_summed: bool = False


DETAIL_COLUMNS: dict[str, DetailColumn] = {
    "tx_date": DetailColumn("Date", "Date", lambda a, _: a.item.date.isoformat()),
    "txn_type": DetailColumn("Transaction Type", "String", lambda a, _: a.item.label),
    "doc_num": DetailColumn("Num", "String", lambda a, _: a.item.number),
    "cust_name": DetailColumn("Customer", "String", lambda a, c: c.name(a.item.customer_id)),
    "due_date": DetailColumn("Due Date", "Date", lambda a, _: a.item.due_date.isoformat()),
    "past_due": DetailColumn("Past Due", "Numeric", lambda a, _: str(a.days_past_due)),
    "currency": DetailColumn("Currency", "String", lambda a, _: a.item.currency, True),
    "exch_rate": DetailColumn("Exchange Rate", "Numeric", lambda a, _: f"{a.item.rate:f}", True),
    "foreign_amount": DetailColumn(
        "Foreign Amount", "Money", lambda a, _: money_or_blank(a.item.total), True
    ),
    "subt_amount": DetailColumn("Amount", "Money", lambda a, _: money_or_blank(a.item.total_home)),
    "foreign_open_bal": DetailColumn(
        "Foreign Open Balance", "Money", lambda a, _: money_or_blank(a.open_amount), True
    ),
    "subt_open_bal": DetailColumn(
        "Open Balance", "Money", lambda a, _: money_or_blank(a.open_home), is_summed=True
    ),
}
DEFAULT_DETAIL_COLUMNS = (
    "tx_date",
    "txn_type",
    "doc_num",
    "cust_name",
    "due_date",
    "currency",
    "foreign_open_bal",
    "subt_amount",
    "subt_open_bal",
)


def aged_receivable_detail(
    parameters: Mapping[str, str], books: Books, context: ReportContext
) -> Json:
    """Buckets from the oldest to the current one; a column the company lacks is left out."""
    ageing = Ageing.asked(parameters, context)
    asked = [key.strip() for key in parameters.get("columns", "").split(",")]
    keys = [key for key in dict.fromkeys(asked) if key in DETAIL_COLUMNS]
    keys = [
        key
        for key in keys or DEFAULT_DETAIL_COLUMNS
        if context.is_multicurrency or not DETAIL_COLUMNS[key].is_multicurrency
    ]
    by_bucket: dict[int, list[AgedItem]] = defaultdict(list)
    for aged in ageing.open_items(books):
        by_bucket[aged.bucket].append(aged)
    rows = []
    for bucket in sorted(by_bucket, reverse=True):
        title = ageing.titles[bucket]
        heading = title if bucket == 0 else f"{title} days past due"
        rows.append(
            section(
                group=title,
                header=[cell(heading), *(cell("") for _ in keys[1:])],
                rows=[_detail_row(aged, keys, books.customers) for aged in by_bucket[bucket]],
                summary=_detail_summary(f"Total for {heading}", by_bucket[bucket], keys),
            )
        )
    if rows:
        everything = [aged for bucket in by_bucket.values() for aged in bucket]
        summary = _detail_summary("TOTAL", everything, keys)
        rows.append(section(group="GrandTotal", summary=summary))
    return _aged_report(
        "AgedReceivableDetail",
        ageing,
        context,
        columns=[
            column(DETAIL_COLUMNS[key].title, DETAIL_COLUMNS[key].kind, key=key) for key in keys
        ],
        rows=rows,
    )


def _detail_row(aged: AgedItem, keys: list[str], customers: CustomerList) -> Json:
    ids = {
        "txn_type" if "txn_type" in keys else "doc_num": aged.item.record_id,
        "cust_name": aged.item.customer_id,
    }
    cells = [cell(DETAIL_COLUMNS[key].value(aged, customers), ids.get(key)) for key in keys]
    return {"ColData": cells, "type": "Data"}


def _detail_summary(title: str, items: list[AgedItem], keys: list[str]) -> list[Json]:
    """Only home amounts have a total; those of several currencies have none."""
    total = money(sum((aged.open_home for aged in items), ZERO))
    rest = [cell(total if DETAIL_COLUMNS[key].is_summed else "") for key in keys[1:]]
    return [cell(title), *rest]


def _aged_report(
    name: str, ageing: Ageing, context: ReportContext, *, columns: list[Json], rows: list[Json]
) -> Json:
    return report(
        name,
        made_at=context.now,
        period=(ageing.report_date, ageing.report_date),
        currency=context.home_currency,
        options={
            "report_date": ageing.report_date.isoformat(),
            "aging_method": ageing.method,
        },
        columns=columns,
        rows=rows,
    )
