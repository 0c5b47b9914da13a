"""Made-up books that people go on working in, written straight into the raw store.

Belongs here: what a day may do to a company's records, late edits above all. Does not belong here:
what the figures should be, which a build from nothing says.
"""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from q2c_pipeline.core.raw_tables import LEDGER_TABLES, object_table, system_tables
from q2c_pipeline.defs.accounting.quickbooks import objects as quickbooks
from q2c_pipeline.defs.crm.salesforce import objects as salesforce

FIRST_DAY = date(2026, 3, 25)
HISTORY_DAYS = 150
CUSTOMERS = 8
EDITS_A_DAY = 6
QUIET_DAYS = 10
Record = dict[str, Any]


class Seen(NamedTuple):
    """A record as a reading finds it."""

    table: str
    record_id: str
    record: Record
    is_deleted: bool


class Books:
    """One company; the same seed makes the same records and the same edits."""

    def __init__(self, entity: str, seed: int) -> None:
        self.entity = entity
        self.today = FIRST_DAY
        self._chance = random.Random(seed)
        self._records: dict[str, dict[str, Record]] = {}
        self._deleted: dict[str, dict[str, Record]] = {}
        self._changed: dict[tuple[str, str], None] = {}
        self._next_id = 1000
        self._open_the_books()

    def changes(self) -> Iterator[Seen]:
        """What a reading finds new since the last one."""
        for table, record_id in self._changed:
            is_deleted = record_id not in self._records[table]
            held = self._deleted if is_deleted else self._records
            yield Seen(table, record_id, held[table][record_id], is_deleted)
        self._changed = {}

    def work(self, day: int) -> None:
        """A day of work: some edits by chance, and two in turn, so that all come up."""
        self.today = FIRST_DAY + timedelta(days=day)
        turn = [EDITS[(2 * day) % len(EDITS)], EDITS[(2 * day + 1) % len(EDITS)]]
        for edit in [*turn, *self._chance.choices(EDITS, k=EDITS_A_DAY)]:
            edit(self)

    def work_on_everything(self, day: int) -> None:
        """A day on which every kind of edit comes up."""
        self.today = FIRST_DAY + timedelta(days=day)
        for edit in EDITS:
            edit(self)

    # What people do.

    def new_invoice(self) -> None:
        self._put("invoices", self._new_id(), self._invoice(self.today))

    def new_payment(self) -> None:
        self._put("payments", self._new_id(), self._payment(self.today))

    def new_credit_memo(self) -> None:
        """And a payment of nothing that applies it to an invoice."""
        customer, credit = self._customer(), self._new_id()
        amount = self._amount()
        self._put(
            "credit_memos",
            credit,
            {**self._dated(self.today), "CustomerRef": {"value": customer}, "TotalAmt": amount},
        )
        lines = [_line(amount, "CreditMemo", credit)]
        if invoices := self._of("invoices", customer):
            lines.append(_line(amount, "Invoice", self._chance.choice(invoices)))
        self._put(
            "payments",
            self._new_id(),
            {
                **self._dated(self.today),
                "CustomerRef": {"value": customer},
                "TotalAmt": 0,
                "Line": lines,
            },
        )

    def new_journal_entry(self) -> None:
        self._put("journal_entries", self._new_id(), self._journal_entry(self.today))

    def post_a_deposit_to_receivables(self) -> None:
        party = {"value": self._customer(), "type": "CUSTOMER"}
        detail = {"AccountRef": {"value": self._chance.choice(["84", "4"])}, "Entity": party}
        lines = [
            {"Id": str(position), "Amount": self._amount(), "DepositLineDetail": detail}
            for position in range(1, self._chance.randint(2, 3))
        ]
        self._put("deposits", self._new_id(), {**self._dated(self.today), "Line": lines})

    def refund_by_cheque(self) -> None:
        detail = {"AccountRef": {"value": "84"}, "CustomerRef": {"value": self._customer()}}
        line = {"Id": "1", "Amount": self._amount(), "AccountBasedExpenseLineDetail": detail}
        record = {**self._dated(self.today), "PaymentType": "Check", "Line": [line]}
        self._put("purchases", self._new_id(), record)

    def pay_by_the_parent(self) -> None:
        """For an invoice and an entry of its job."""
        invoices, entries = self._of("invoices", "2"), list(self._records["journal_entries"])
        record = self._payment(self.today)
        record["CustomerRef"] = {"value": "1"}
        record["Line"] = [
            *(_line(self._amount(), "Invoice", id) for id in self._some(invoices)),
            *(_line(self._amount(), "JournalEntry", id) for id in self._some(entries)),
        ]
        self._put("payments", self._new_id(), record)

    def change_an_amount(self) -> None:
        self._edit(self._any_document(), "TotalAmt", self._amount())

    def change_a_date(self) -> None:
        self._edit(self._any_document(), "TxnDate", self._past_day())

    def change_a_due_date(self) -> None:
        self._edit(self._any("invoices"), "DueDate", self._past_day())

    def change_a_number(self) -> None:
        self._edit(self._any("invoices"), "DocNumber", f"N{self._chance.randint(1, 99)}")

    def change_the_customer(self) -> None:
        self._edit(self._any_document(), "CustomerRef", {"value": self._customer()})

    def change_a_rate(self) -> None:
        self._edit(self._any_document(), "ExchangeRate", self._chance.choice([1, 1.1, 1.25]))

    def change_a_currency(self) -> None:
        self._edit(self._any_document(), "CurrencyRef", {"value": self._currency()})

    def change_a_deposit(self) -> None:
        self._edit(self._any("invoices"), "Deposit", self._amount() // 4)

    def change_lines_of_an_entry(self) -> None:
        self._edit(self._any("journal_entries"), "Line", self._journal_entry(self.today)["Line"])

    def link_a_payment_to_something_else(self) -> None:
        self._edit(self._any("payments"), "Line", self._payment(self.today)["Line"])

    def unlink_a_payment(self) -> None:
        self._edit(self._any("payments"), "Line", [])

    def void(self) -> None:
        self._edit(self._any_document(), "TotalAmt", 0)

    def delete(self) -> None:
        table, record_id = self._any_document()
        self._deleted[table][record_id] = self._records[table].pop(record_id)
        self._changed[table, record_id] = None

    def restore(self) -> None:
        table = self._chance.choice(["invoices", "payments", "credit_memos", "journal_entries"])
        if self._deleted[table]:
            record_id = self._chance.choice(sorted(self._deleted[table]))
            self._put(table, record_id, self._deleted[table].pop(record_id))

    def change_a_term(self) -> None:
        self._edit(("terms", "3"), "DueDays", self._chance.randint(5, 60))

    def change_the_type_of_an_account(self) -> None:
        kind = self._chance.choice(["Accounts Receivable", "Other Current Asset"])
        self._edit(("accounts", "85"), "AccountType", kind)

    def rename_a_customer(self) -> None:
        name = f"Customer {self._chance.randint(1, 999)}"
        self._edit(("customers", self._customer()), "DisplayName", name)

    def move_a_customer_below_another(self) -> None:
        parent = self._chance.choice([{"value": "1"}, {"value": "4"}, None])
        self._edit(("customers", self._chance.choice("235")), "ParentRef", parent)

    def change_the_currency_of_a_customer(self) -> None:
        customer = ("customers", self._customer())
        self._edit(customer, "CurrencyRef", self._chance.choice([{"value": "EUR"}, None]))

    def change_the_home_currency(self) -> None:
        home = {"HomeCurrency": {"value": self._currency()}}
        self._edit(("preferences", "1"), "CurrencyPrefs", home)

    # How it is written.

    def _open_the_books(self) -> None:
        for table in quickbooks.TABLES:
            self._records[table] = {}
            self._deleted[table] = {}
        self._put("preferences", "1", {"CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}})
        self._put("terms", "3", {"Name": "Net 30", "DueDays": 30})
        for account, kind in (("84", "Accounts Receivable"), ("85", "Accounts Receivable")):
            self._put("accounts", account, {"Name": account, "AccountType": kind, "Active": True})
        self._put("accounts", "4", {"Name": "4", "AccountType": "Bank", "Active": True})
        for customer in map(str, range(1, CUSTOMERS + 1)):
            record = {"DisplayName": f"Customer {customer}", "Active": True}
            if customer in "23":
                record["ParentRef"] = {"value": "1"}
            self._put("customers", customer, record)
        self._make_history()
        self.today = FIRST_DAY

    def _make_history(self) -> None:
        for days in range(HISTORY_DAYS, 0, -2):
            self.today = FIRST_DAY - timedelta(days=days)
            self._chance.choice(
                (*[self.new_invoice] * 4, *[self.new_payment] * 3, *_now_and_then(self))
            )()

    def _put(self, table: str, record_id: str, record: Record) -> None:
        self._records[table][record_id] = record
        self._changed[table, record_id] = None

    def _edit(self, place: tuple[str, str], field: str, value: Any) -> None:
        table, record_id = place
        self._put(table, record_id, {**self._records[table][record_id], field: value})

    def _new_id(self) -> str:
        self._next_id += 1
        return str(self._next_id)

    def _any(self, table: str) -> tuple[str, str]:
        return table, self._chance.choice(sorted(self._records[table]))

    def _any_document(self) -> tuple[str, str]:
        tables = ("invoices", "invoices", "payments", "payments", "credit_memos", "journal_entries")
        return self._any(self._chance.choice([table for table in tables if self._records[table]]))

    def _of(self, table: str, customer: str) -> list[str]:
        return [
            record_id
            for record_id, record in self._records[table].items()
            if record.get("CustomerRef") == {"value": customer}
        ]

    def _some(self, ids: list[str]) -> list[str]:
        return self._chance.sample(ids, min(len(ids), self._chance.randint(1, 2)))

    def _customer(self) -> str:
        return str(self._chance.randint(1, CUSTOMERS))

    def _currency(self) -> str:
        return self._chance.choice(["USD", "USD", "EUR"])

    def _amount(self) -> int:
        return self._chance.randint(5, 400)

    def _past_day(self) -> str:
        return str(self.today - timedelta(days=self._chance.randint(-5, HISTORY_DAYS + 20)))

    def _dated(self, day: date) -> Record:
        record: Record = {"TxnDate": str(day)}
        if self._chance.random() < 0.3:
            record["CurrencyRef"] = {"value": self._currency()}
        return record

    def _invoice(self, day: date) -> Record:
        record = {
            **self._dated(day),
            "CustomerRef": {"value": self._customer(), "name": "As on the invoice"},
            "DocNumber": f"N{self._chance.randint(1, 99)}",
            "TotalAmt": self._amount(),
        }
        if self._chance.random() < 0.5:
            record["SalesTermRef"] = {"value": "3"}
        if self._chance.random() < 0.1:  # a customer that no list shows
            record["CustomerRef"] = {"value": "77", "name": f"Unlisted {self._amount()}"}
        return record

    def _payment(self, day: date) -> Record:
        customer = self._customer()
        linked = self._some(self._of("invoices", customer))
        lines = [_line(self._amount(), "Invoice", id) for id in linked]
        if self._records["journal_entries"] and self._chance.random() < 0.4:
            lines.append(_line(self._amount(), "JournalEntry", self._any("journal_entries")[1]))
        if self._records["credit_memos"] and self._chance.random() < 0.3:
            lines.append(_line(self._amount(), "CreditMemo", self._any("credit_memos")[1]))
        record = {**self._dated(day), "CustomerRef": {"value": customer}, "Line": lines}
        return record | {"TotalAmt": self._amount(), "UnappliedAmt": 0}

    def _journal_entry(self, day: date) -> Record:
        lines = []
        for position in range(self._chance.randint(2, 4)):
            party = {"Type": "Customer", "EntityRef": {"value": self._customer()}}
            detail = {
                "PostingType": self._chance.choice(["Debit", "Credit"]),
                "AccountRef": {"value": self._chance.choice(["84", "85", "4"])},
                "Entity": party,
            }
            line = {"Id": str(position), "Amount": self._amount()}
            lines.append(line | {"JournalEntryLineDetail": detail})
        return {**self._dated(day), "Line": lines}


class QuietBooks(Books):
    """A company in which a day changes five records; what else differs then, rests on them.

    An invoice gets a later date than its payment. One of two payments that share an invoice gets
    smaller, and a payment of part of an invoice gets larger. An invoice gets another date that is
    tied to a credit memo by three payments, each of which shares an invoice with the next. A
    customer who pays for another gets a new name.
    """

    def work(self, day: int) -> None:
        self.today = FIRST_DAY + timedelta(days=day)
        of_the_day = day % QUIET_DAYS
        self._edit(("invoices", f"{of_the_day}1"), "TxnDate", str(self.today))
        self._pay(f"{of_the_day}2", 1, 30)
        self._pay(f"{of_the_day}3", 1, 70)
        self._edit(("invoices", f"{of_the_day}4"), "TxnDate", str(self.today))
        self._edit(("customers", "5"), "DisplayName", f"Customer of day {day}")

    def _make_history(self) -> None:
        for day in range(QUIET_DAYS):
            for customer, amounts in (("1", [60]), ("2", [80, 80]), ("3", [50])):
                invoice_id = f"{day}{customer}"
                record = {"CustomerRef": {"value": customer}, "TxnDate": "2026-02-01"}
                self._put("invoices", invoice_id, {**record, "TotalAmt": 100})
                for position, amount in enumerate(amounts, start=1):
                    self._pay(invoice_id, position, amount)
            self._make_chain(str(day))
        bill = {"CustomerRef": {"value": "6"}, "TxnDate": "2026-02-01", "TotalAmt": 100}
        self._put("invoices", "5", bill)
        paid = {"CustomerRef": {"value": "5"}, "TxnDate": "2026-02-11", "TotalAmt": 70}
        self._put("payments", "501", {**paid, "Line": [_line(60, "Invoice", "5")]})

    def _make_chain(self, day: str) -> None:
        """Of the third invoice 80 are credited, so that its payment finds 20 there."""
        customer: Record = {"CustomerRef": {"value": "4"}}
        first, second, third, credit = (f"{day}{number}" for number in "4567")
        for invoice_id in (first, second, third):
            invoice = {**customer, "TxnDate": "2026-02-01", "TotalAmt": 100}
            self._put("invoices", invoice_id, invoice)
        memo = {**customer, "TxnDate": "2026-02-01", "TotalAmt": 80}
        self._put("credit_memos", credit, memo)
        for position, amount, lines in (
            (1, 0, [_line(80, "CreditMemo", credit), _line(80, "Invoice", third)]),
            (2, 90, [_line(60, "Invoice", first), _line(30, "Invoice", second)]),
            (3, 110, [_line(30, "Invoice", second), _line(80, "Invoice", third)]),
        ):
            payment = {**customer, "TxnDate": f"2026-02-1{position}", "TotalAmt": amount}
            self._put("payments", f"{first}0{position}", {**payment, "Line": lines})

    def _pay(self, invoice_id: str, position: int, amount: int) -> None:
        record: Record = {
            "CustomerRef": {"value": invoice_id[-1]},
            "TxnDate": f"2026-02-1{position}",
            "TotalAmt": amount,
            "UnappliedAmt": 0,
            "Line": [_line(amount, "Invoice", invoice_id)],
        }
        self._put("payments", f"{invoice_id}0{position}", record)


def _line(amount: int, kind: str, record_id: str) -> Record:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": record_id, "TxnType": kind}]}


def _now_and_then(books: Books) -> tuple[Callable[[], None], ...]:
    return (books.new_credit_memo, books.new_journal_entry, books.refund_by_cheque)


EDITS: tuple[Callable[[Books], None], ...] = (
    Books.new_invoice,
    Books.link_a_payment_to_something_else,
    Books.change_an_amount,
    Books.change_a_term,
    Books.new_payment,
    Books.void,
    Books.change_the_type_of_an_account,
    Books.change_a_date,
    Books.pay_by_the_parent,
    Books.rename_a_customer,
    Books.delete,
    Books.change_lines_of_an_entry,
    Books.new_credit_memo,
    Books.change_the_currency_of_a_customer,
    Books.restore,
    Books.change_the_customer,
    Books.unlink_a_payment,
    Books.move_a_customer_below_another,
    Books.new_journal_entry,
    Books.change_a_deposit,
    Books.change_the_home_currency,
    Books.change_a_due_date,
    Books.post_a_deposit_to_receivables,
    Books.change_a_currency,
    Books.refund_by_cheque,
    Books.change_a_rate,
    Books.change_a_number,
)


def make_raw(raw: Path) -> None:
    """A raw database in which nothing has been read yet."""
    with duckdb.connect(str(raw)) as connection:
        connection.execute(LEDGER_TABLES)
        for system in (quickbooks, salesforce):
            connection.execute(system_tables(system.SYSTEM))
            for table in system.TABLES:
                connection.execute(object_table(system.SYSTEM, table))


def read_into(raw: Path, books: Books, run_id: str, read_at: str) -> None:
    """New versions of what has changed; the vendor's clock says ``read_at``, whatever it was."""
    with duckdb.connect(str(raw)) as connection:
        for seen in books.changes():
            payload = json.dumps({**seen.record, "Id": seen.record_id})
            connection.execute(
                f"""
                insert into raw_quickbooks.{seen.table}
                select
                    $entity, $record_id, coalesce(max(version), 0) + 1, $read_at, $is_deleted,
                    $payload, $payload_hash, $read_at, $run_id
                from raw_quickbooks.{seen.table}
                where entity = $entity and record_id = $record_id
                """,
                {
                    "entity": books.entity,
                    "record_id": seen.record_id,
                    "read_at": read_at,
                    "is_deleted": seen.is_deleted,
                    "payload": payload,
                    "payload_hash": hashlib.sha256(payload.encode()).hexdigest(),
                    "run_id": run_id,
                },
            )
        connection.execute(
            "insert into raw_quickbooks.extractions values (?, ?, ?, ?, ?, 'UTC', 'USD', 1, 1)",
            [books.entity, run_id, read_at, books.today, books.today],
        )
