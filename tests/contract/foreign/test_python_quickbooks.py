"""python-quickbooks works on the sandbox, pointed at it by its address attribute.

Each operation is one test; ``SUBJECTS`` says with what. Where the client expects what the vendor
does not offer, or what the sandbox leaves out, ``REFUSED`` says so.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from intuitlib.client import AuthClient
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    UnsupportedException,
    ValidationException,
)
from quickbooks.objects import (
    Account,
    Attachable,
    Bill,
    Class,
    CompanyInfo,
    CreditMemo,
    Customer,
    Department,
    Deposit,
    Employee,
    Estimate,
    Invoice,
    Item,
    JournalEntry,
    Payment,
    PaymentMethod,
    Purchase,
    RefundReceipt,
    SalesReceipt,
    TaxAgency,
    TaxCode,
    TaxRate,
    Term,
    Vendor,
)
from quickbooks.objects.base import EmailAddress, Ref
from quickbooks.objects.companycurrency import CompanyCurrency
from quickbooks.objects.deposit import DepositLine, DepositLineDetail
from quickbooks.objects.detailline import (
    AccountBasedExpenseLine,
    AccountBasedExpenseLineDetail,
    SalesItemLine,
    SalesItemLineDetail,
)
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.journalentry import Entity, JournalEntryLine, JournalEntryLineDetail
from quickbooks.objects.payment import PaymentLine
from quickbooks.objects.preferences import Preferences
from quickbooks.objects.taxservice import TaxRateDetails, TaxService

from tests.conftest import PROJECT_ROOT
from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.foreign.quickbooks_company import connect, sign_in, write_foreign_company

CHECKING, RECEIVABLE, SALES, UNDEPOSITED, POSTAGE = "1", "2", "3", "4", "5"
CUSTOMER, ITEM = "1", "1"
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def sandbox(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServedSandbox:
    return serve_for_module(write_foreign_company(tmp_path_factory.mktemp("foreign")))


@pytest.fixture(scope="module")
def auth(sandbox: ServedSandbox) -> Iterator[AuthClient]:
    with sign_in(sandbox) as client:
        yield client


@pytest.fixture
def client(
    sandbox: ServedSandbox, auth: AuthClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[QuickBooks]:
    client = connect(sandbox, auth, monkeypatch)
    with client.session:
        yield client


def reference(value: str) -> Ref:
    found = Ref()
    found.value = value
    return found


def made(kind: type, **fields: Any) -> Any:
    thing = kind()
    for name, value in fields.items():
        setattr(thing, name, value)
    return thing


def sold(amount: float = 100) -> list[SalesItemLine]:
    detail = made(SalesItemLineDetail, ItemRef=reference(ITEM), Qty=4, UnitPrice=amount / 4)
    return [made(SalesItemLine, Amount=amount, SalesItemLineDetail=detail)]


def sale(kind: type, **fields: Any) -> Any:
    return made(
        kind,
        CustomerRef=reference(CUSTOMER),
        Line=sold(),
        DocNumber=f"F-{next(numbers)}",
        BillEmail=made(EmailAddress, Address="ap@brakken.example"),
        **fields,
    )


def journal_entry() -> JournalEntry:
    def line(posting: str, account: str, **detail: Any) -> JournalEntryLine:
        return made(
            JournalEntryLine,
            Amount=75,
            JournalEntryLineDetail=made(
                JournalEntryLineDetail,
                PostingType=posting,
                AccountRef=reference(account),
                **detail,
            ),
        )

    customer = made(Entity, Type="Customer", EntityRef=reference(CUSTOMER))
    lines = [line("Debit", POSTAGE), line("Credit", RECEIVABLE, Entity=customer)]
    return made(JournalEntry, Line=lines, DocNumber=f"F-{next(numbers)}")


def deposit() -> Deposit:
    detail = made(DepositLineDetail, AccountRef=reference(SALES))
    line = made(DepositLine, Amount=20, DepositLineDetail=detail)
    return made(Deposit, DepositToAccountRef=reference(CHECKING), Line=[line])


def purchase() -> Purchase:
    detail = made(AccountBasedExpenseLineDetail, AccountRef=reference(POSTAGE))
    line = made(AccountBasedExpenseLine, Amount=9, AccountBasedExpenseLineDetail=detail)
    return made(Purchase, PaymentType="Cash", AccountRef=reference(CHECKING), Line=[line])


def payment(invoice: Invoice | None = None) -> Payment:
    lines = []
    if invoice is not None:
        lines = [made(PaymentLine, Amount=100, LinkedTxn=[invoice.to_linked_txn()])]
    return made(Payment, CustomerRef=reference(CUSTOMER), TotalAmt=100, Line=lines)


def updated_at(saved: Any) -> str:
    """The client makes an object of ``MetaData`` for some kinds and leaves a dict for others."""
    times = saved.MetaData
    return str(times["LastUpdatedTime"] if isinstance(times, dict) else times.LastUpdatedTime)


def name() -> str:
    return f"Foreign {next(numbers)}"


class Subject(NamedTuple):
    """An unsaved object of a kind, and a field of it to change."""

    kind: type
    make: Callable[[], Any]
    field: str
    value: Any


LISTS = (
    Subject(Customer, lambda: made(Customer, DisplayName=name()), "Notes", "called"),
    Subject(
        Item,
        lambda: made(Item, Name=name(), Type="Service", IncomeAccountRef=reference(SALES)),
        "UnitPrice",
        12.5,
    ),
    Subject(Vendor, lambda: made(Vendor, DisplayName=name()), "AcctNum", "77"),
    Subject(
        Employee, lambda: made(Employee, GivenName="Ada", FamilyName=name()), "MiddleName", "K."
    ),
    Subject(
        Account,
        lambda: made(Account, Name=name(), AccountType="Expense", AccountSubType="OfficeExpenses"),
        "Description",
        "for stamps",
    ),
    Subject(Term, lambda: made(Term, Name=name(), DueDays=10), "DueDays", 20),
    Subject(Class, lambda: made(Class, Name=name()), "Name", "Renamed class"),
    Subject(Department, lambda: made(Department, Name=name()), "Name", "Renamed department"),
    Subject(
        PaymentMethod,
        lambda: made(PaymentMethod, Name=name(), Type="NON_CREDIT_CARD"),
        "Type",
        "CREDIT_CARD",
    ),
    Subject(CompanyCurrency, lambda: made(CompanyCurrency, Name=name(), Code="SEK"), "Code", "NOK"),
)
TRANSACTIONS = (
    Subject(Invoice, lambda: sale(Invoice), "PrivateNote", "checked"),
    Subject(Payment, payment, "PrivateNote", "checked"),
    Subject(CreditMemo, lambda: sale(CreditMemo), "PrivateNote", "checked"),
    Subject(SalesReceipt, lambda: sale(SalesReceipt), "PrivateNote", "checked"),
    Subject(
        RefundReceipt,
        lambda: sale(RefundReceipt, DepositToAccountRef=reference(CHECKING)),
        "PrivateNote",
        "checked",
    ),
    Subject(Estimate, lambda: sale(Estimate), "PrivateNote", "checked"),
    Subject(JournalEntry, journal_entry, "PrivateNote", "checked"),
    Subject(Deposit, deposit, "PrivateNote", "checked"),
    Subject(Purchase, purchase, "PrivateNote", "checked"),
)
SUBJECTS = LISTS + TRANSACTIONS
of_every_kind = pytest.mark.parametrize(
    "subject", SUBJECTS, ids=[subject.kind.__name__ for subject in SUBJECTS]
)


@of_every_kind
def test_create(client: QuickBooks, subject: Subject) -> None:
    saved = subject.make().save(qb=client)
    assert (saved.Id.isdigit(), saved.SyncToken) == (True, "0")


@of_every_kind
def test_get(client: QuickBooks, subject: Subject) -> None:
    saved = subject.make().save(qb=client)
    assert subject.kind.get(saved.Id, qb=client).to_dict() == saved.to_dict()


@of_every_kind
def test_update(client: QuickBooks, subject: Subject) -> None:
    saved = subject.make().save(qb=client)
    setattr(saved, subject.field, subject.value)
    updated = saved.save(qb=client)
    assert (getattr(updated, subject.field), updated.SyncToken) == (subject.value, "1")


@of_every_kind
def test_all(client: QuickBooks, subject: Subject) -> None:
    saved = subject.make().save(qb=client)
    assert saved.Id in {each.Id for each in subject.kind.all(qb=client)}


@of_every_kind
def test_filter(client: QuickBooks, subject: Subject) -> None:
    saved = subject.make().save(qb=client)
    assert [each.Id for each in subject.kind.filter(Id=saved.Id, qb=client)] == [saved.Id]


@of_every_kind
def test_count(client: QuickBooks, subject: Subject) -> None:
    before = subject.kind.count(qb=client)
    subject.make().save(qb=client)
    assert subject.kind.count(qb=client) == before + 1


@of_every_kind
def test_query(client: QuickBooks, subject: Subject) -> None:
    saved = subject.make().save(qb=client)
    statement = (
        f"SELECT * FROM {subject.kind.qbo_object_name}"
        f" WHERE MetaData.LastUpdatedTime >= '{updated_at(saved)}' MAXRESULTS 1000"
    )
    assert saved.Id in {each.Id for each in subject.kind.query(statement, qb=client)}


@pytest.mark.parametrize(
    "subject", TRANSACTIONS, ids=[subject.kind.__name__ for subject in TRANSACTIONS]
)
def test_delete(client: QuickBooks, subject: Subject) -> None:
    saved = subject.make().save(qb=client)
    answer = saved.delete(qb=client)
    assert answer[subject.kind.qbo_object_name]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException):
        subject.kind.get(saved.Id, qb=client)


def test_void_an_invoice(client: QuickBooks) -> None:
    saved = sale(Invoice).save(qb=client)
    saved.void(qb=client)
    voided = Invoice.get(saved.Id, qb=client)
    assert (voided.TotalAmt, voided.Balance, voided.PrivateNote) == (0, 0, "Voided")


def test_void_a_payment(client: QuickBooks) -> None:
    invoice = sale(Invoice).save(qb=client)
    paid = payment(invoice).save(qb=client)
    assert Invoice.get(invoice.Id, qb=client).Balance == 0
    paid.void(qb=client)
    assert Payment.get(paid.Id, qb=client).TotalAmt == 0
    assert Invoice.get(invoice.Id, qb=client).Balance == 100


def test_void_a_sales_receipt(client: QuickBooks) -> None:
    saved = sale(SalesReceipt).save(qb=client)
    saved.void(qb=client)
    assert SalesReceipt.get(saved.Id, qb=client).TotalAmt == 0


@pytest.mark.parametrize("kind", [Invoice, Estimate])
@pytest.mark.parametrize("address", [None, "cfo+new@brakken.example"])
def test_send(client: QuickBooks, kind: type, address: str | None) -> None:
    saved = sale(kind).save(qb=client)
    saved.send(qb=client, send_to=address)
    sent = kind.get(saved.Id, qb=client)
    assert sent.EmailStatus == "EmailSent"
    assert sent.BillEmail.Address == (address or "ap@brakken.example")


@pytest.mark.parametrize("kind", [Invoice, Estimate, SalesReceipt])
def test_download_a_pdf(client: QuickBooks, kind: type) -> None:
    saved = sale(kind).save(qb=client)
    pdf = saved.download_pdf(qb=client)
    assert pdf.startswith(b"%PDF-1.4")
    assert saved.DocNumber.encode() in pdf
    assert pdf.endswith(b"%%EOF\n")


def test_ask_for_an_invoice_link(client: QuickBooks) -> None:
    saved = sale(Invoice).save(qb=client)
    plain = Invoice.get(saved.Id, qb=client)
    asked = Invoice.get(saved.Id, qb=client, params={"include": "invoiceLink"})
    assert plain.InvoiceLink == ""
    assert asked.InvoiceLink.startswith("https://")


def test_a_request_id_acts_once(client: QuickBooks) -> None:
    customer = made(Customer, DisplayName=name())
    first = customer.save(qb=client, request_id="foreign-1")
    again = made(Customer, DisplayName=customer.DisplayName)
    assert again.save(qb=client, request_id="foreign-1").Id == first.Id


def test_insist_on_a_document_number(client: QuickBooks) -> None:
    first = sale(Invoice).save(qb=client)
    second = sale(Invoice)
    second.DocNumber = first.DocNumber
    with pytest.raises(QuickbooksException, match=f"TxnId={first.Id}"):
        second.save(qb=client)
    insisted = second.save(qb=client, params={"include": "allowduplicatedocnum"})
    assert insisted.DocNumber == first.DocNumber


def test_choose_by_ids(client: QuickBooks) -> None:
    saved = [made(Customer, DisplayName=name()).save(qb=client).Id for _ in range(3)]
    assert {each.Id for each in Customer.choose(saved[:2], qb=client)} == set(saved[:2])


def test_filter_by_a_name_with_a_quote(client: QuickBooks) -> None:
    saved = made(Customer, DisplayName=f"O'{name()}").save(qb=client)
    found = Customer.filter(DisplayName=saved.DisplayName, Active=True, qb=client)
    assert [each.Id for each in found] == [saved.Id]


def test_filter_in_another_case(client: QuickBooks) -> None:
    found = Account.filter(Name="checking", qb=client)
    assert [each.Name for each in found] == ["Checking"]


def test_where_with_order_and_paging(client: QuickBooks) -> None:
    found = Account.where(
        "Active = true", order_by="Name", start_position=2, max_results=2, qb=client
    )
    assert len(found) == 2
    assert found[0].Name < found[1].Name


def test_items_come_with_their_sku(client: QuickBooks) -> None:
    assert {each.Sku for each in Item.all(qb=client) if each.Id == ITEM} == {"MOW-1"}


def test_inactivate_a_customer(client: QuickBooks) -> None:
    saved = made(Customer, DisplayName=name()).save(qb=client)
    saved.Active = False
    assert saved.save(qb=client).DisplayName.endswith(" (deleted)")
    assert Customer.filter(Id=saved.Id, qb=client) == []
    assert len(Customer.where(f"Id = '{saved.Id}' AND Active IN (true, false)", qb=client)) == 1


def test_batch_create_update_and_delete(client: QuickBooks) -> None:
    created = batch_create([sale(Invoice) for _ in range(33)], qb=client)
    assert (len(created.successes), created.faults) == (33, [])
    for invoice in created.successes:
        invoice.PrivateNote = "batched"
    created.successes[0].SyncToken = "7"
    updated = batch_update(created.successes, qb=client)
    assert len(updated.successes) == 32
    assert [fault.Error[0].code for fault in updated.faults] == ["5010"]
    deleted = batch_delete(updated.successes, qb=client)
    assert {each.status for each in deleted.successes} == {"Deleted"}


def test_change_data_capture(client: QuickBooks) -> None:
    kept, gone = sale(Invoice).save(qb=client), sale(Invoice).save(qb=client)
    gone.delete(qb=client)
    changes = change_data_capture([Invoice, Customer], updated_at(kept), qb=client)
    status = {each.Id: getattr(each, "status", None) for each in changes.Invoice}
    assert status[kept.Id] is None
    assert status[gone.Id] == "Deleted"
    assert changes.Invoice.maxResults == len(changes.Invoice)


@pytest.mark.parametrize("report", ["AgedReceivables", "AgedReceivableDetail", "BalanceSheet"])
def test_report(client: QuickBooks, report: str) -> None:
    sale(Invoice).save(qb=client)
    told = client.get_report(report, {"report_date": "2026-03-02"})
    assert told["Header"]["ReportName"] == report
    assert told["Rows"]["Row"]


@pytest.mark.parametrize("kind", [TaxCode, TaxRate, TaxAgency])
def test_tax_lists(client: QuickBooks, kind: type) -> None:
    listed = {each.Id for each in kind.all(qb=client)}
    known = "2" if kind is TaxCode else "1"
    assert known in listed
    assert kind.get(known, qb=client).Id == known
    assert kind.count(qb=client) >= 1
    assert [each.Id for each in kind.filter(Id=known, qb=client)] == [known]


def test_create_a_tax_agency_and_a_tax_code_at_it(client: QuickBooks) -> None:
    agency = made(TaxAgency, DisplayName=name()).save(qb=client)
    rate = made(TaxRateDetails, TaxRateName=name(), RateValue=5, TaxAgencyId=agency.Id)
    service = made(TaxService, TaxCode=name(), TaxRateDetails=[rate])
    service.save(qb=client)
    code = TaxCode.filter(Name=service.TaxCode, qb=client)[0]
    rate_id = code.SalesTaxRateList.TaxRateDetail[0].TaxRateRef.value
    assert TaxRate.get(rate_id, qb=client).RateValue == 5


def test_company_information(client: QuickBooks) -> None:
    info = CompanyInfo.all(qb=client)[0]
    assert CompanyInfo.get(client.company_id, qb=client).CompanyName == info.CompanyName
    info.LegalName = "Brakken Limited"
    assert info.save(qb=client).LegalName == "Brakken Limited"


def test_preferences(client: QuickBooks) -> None:
    preferences = Preferences.get(qb=client)
    assert preferences.CurrencyPrefs.HomeCurrency.value == "USD"
    preferences.ReportPrefs.CalcAgingReportFromTxnDate = True
    assert preferences.save(qb=client).ReportPrefs.CalcAgingReportFromTxnDate is True
    preferences = Preferences.get(qb=client)
    preferences.ReportPrefs.CalcAgingReportFromTxnDate = False
    preferences.save(qb=client)


def test_exchange_rates(client: QuickBooks) -> None:
    asked = "SourceCurrencyCode = 'EUR' AND AsOfDate = '2026-03-02'"
    rate = ExchangeRate.where(asked, qb=client)[0]
    assert rate.Rate == 1.08
    rate.Rate = 1.25
    assert rate.save(qb=client).Rate == 1.25
    assert ExchangeRate.where(asked, qb=client)[0].Rate == 1.25


def test_an_expired_token_is_told_apart_and_a_new_sign_in_works(
    sandbox: ServedSandbox,
    auth: AuthClient,
    client: QuickBooks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox.advance(3601)
    with pytest.raises(AuthorizationException):
        Customer.count(qb=client)
    auth.refresh()
    renewed = connect(sandbox, auth, monkeypatch)
    with renewed.session:
        assert Customer.count(qb=renewed) >= 1


class Refused(NamedTuple):
    """What the client can ask for and is refused, and why that is no fault of the sandbox."""

    what: str
    ask: Callable[[QuickBooks], Any]
    error: type[Exception]
    reason: str


REFUSED = (
    Refused(
        "`!=` in a statement",
        lambda client: Customer.where("Active != true", qb=client),
        ValidationException,
        "the vendor's query language has no such operator",
    ),
    Refused(
        "an attachment",
        lambda client: made(Attachable, Note="seen").save(qb=client),
        UnsupportedException,
        "attachments are left out",
    ),
    Refused(
        "writing a bill",
        lambda client: made(Bill, Line=[]).save(qb=client),
        UnsupportedException,
        "payables are read and not written",
    ),
    Refused(
        "the report CashFlow",
        lambda client: client.get_report("CashFlow"),
        UnsupportedException,
        "three reports are played",
    ),
    Refused(
        "a rate of no currency",
        lambda client: ExchangeRate.all(qb=client),
        ValidationException,
        "rates are asked for by currency",
    ),
)


@pytest.mark.parametrize("refused", REFUSED, ids=[refused.what for refused in REFUSED])
def test_known_differences_are_refused(client: QuickBooks, refused: Refused) -> None:
    with pytest.raises(refused.error):
        refused.ask(client)


def test_the_page_about_the_sandbox_names_them() -> None:
    page = (PROJECT_ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    for refused in REFUSED:
        assert f"| python-quickbooks | {refused.what} | {refused.reason} |" in page
