"""Payments, deposits, cheques and journal entries in QuickBooks' wire form.

Belongs here: documents that move money or receivables without selling. Does not belong here:
sales forms.
"""

from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import (
    Deposit,
    Document,
    JournalEntry,
    Payment,
    Purchase,
)
from q2c_pipeline.sandbox.generate.money import amount_text
from q2c_pipeline.sandbox.generate.quickbooks.fragments import (
    account_reference,
    bank_of,
    customer_reference,
    document_number,
    head,
    links_to,
    payment_links,
    receivable_of,
    text,
    totals,
)

NAME_VALUE = "{http://schema.intuit.com/finance/v3}NameValue"


def payment(document: Payment) -> str:
    customer = document.customer
    lines = "" if document.is_void else ",".join(_payment_line(*line) for line in document.lines)
    links = [(document.deposit.id, "Deposit")] if document.deposit else []
    unapplied = 0 if document.is_void else document.unapplied
    number = f'"PaymentRefNum":"{document.reference}",' if document.reference else ""
    cash = ""
    if document.total:
        account = _paid_into(document)
        cash = (
            f'"DepositToAccountRef":{{"value":"{account}"}},'
            f'"PaymentMethodRef":{{"value":"{document.method}"}},'
        )
    return (
        f'{{"CustomerRef":{customer_reference(customer)},{cash}{number}{totals(document)},'
        f'"UnappliedAmt":{amount_text(unapplied)},"ProcessPayment":false,{head(document)}'
        f'"LinkedTxn":[{links_to(links)}],"Line":[{lines}]}}'
    )


def _paid_into(document: Payment) -> int:
    if document.customer.is_foreign:
        return catalogue.EURO_BANK
    if document.method in (catalogue.CHECK, catalogue.CARD):
        return catalogue.UNDEPOSITED
    return catalogue.CHECKING


def _payment_line(amount: int, linked: tuple[Document, ...]) -> str:
    links = links_to([(each.id, _link_type(each)) for each in linked])
    first = linked[0]
    values = (("txnId", str(first.id)), ("txnReferenceNumber", document_number(first)))
    extra = ",".join(
        f'{{"name":"{NAME_VALUE}","nil":false,"value":{{"Name":"{name}","Value":"{value}"}}}}'
        for name, value in values
    )
    return f'{{"Amount":{amount_text(amount)},"LinkedTxn":[{links}],"LineEx":{{"any":[{extra}]}}}}'


def _link_type(document: Document) -> str:
    if isinstance(document, Purchase):
        return "Check" if document.is_cheque else "Expense"
    return document.entity


def deposit(document: Deposit) -> str:
    if document.taken:
        lines = ",".join(
            f'{{"Amount":{amount_text(each.total)},'
            f'"LinkedTxn":[{{"TxnId":"{each.id}","TxnType":"Payment","TxnLineId":"0"}}]}}'
            for each in document.taken
        )
        bank = catalogue.CHECKING
    else:
        lines = _receivable_deposit_line(document)
        bank = bank_of(document.customer)
    return (
        f'{{"DepositToAccountRef":{account_reference(bank)},'
        f'"TotalAmt":{amount_text(document.total)},{head(document)}"Line":[{lines}],'
        '"TxnTaxDetail":{}}'
    )


def _receivable_deposit_line(document: Deposit) -> str:
    customer = document.customer
    who = f'{{"value":"{customer.id}","name":{text(customer.full_name)},"type":"CUSTOMER"}}'
    return (
        f'{{"Id":"1","LineNum":1,"Amount":{amount_text(document.total)},'
        '"DetailType":"DepositLineDetail","DepositLineDetail":'
        f'{{"Entity":{who},"AccountRef":{account_reference(receivable_of(customer))}}}}}'
    )


def purchase(document: Purchase) -> str:
    customer = document.customer
    who = f'{{"value":"{customer.id}","name":{text(customer.full_name)},"type":"Customer"}}'
    links = links_to(payment_links(document))
    return (
        f'{{"AccountRef":{account_reference(bank_of(customer))},'
        f'"PaymentType":"{"Check" if document.is_cheque else "Cash"}",'
        f'"EntityRef":{who},"Credit":false,"TotalAmt":{amount_text(document.total)},'
        f'"PrintStatus":"NeedToPrint",{head(document)}"LinkedTxn":[{links}],"Line":[{{"Id":"1",'
        f'"Description":"Refund","Amount":{amount_text(document.total)},'
        '"DetailType":"AccountBasedExpenseLineDetail","AccountBasedExpenseLineDetail":'
        f'{{"AccountRef":{account_reference(receivable_of(customer))},'
        f'"CustomerRef":{customer_reference(customer)},"BillableStatus":"NotBillable",'
        '"TaxCodeRef":{"value":"NON"}}}],"TxnTaxDetail":{}}'
    )


def journal_entry(document: JournalEntry) -> str:
    opposite = "Credit" if document.is_debit else "Debit"
    own = "Debit" if document.is_debit else "Credit"
    if document.other_customer is not None:
        second = _receivable_line(1, document, opposite, document.other_customer)
    else:
        second = _journal_line(1, document, opposite, document.other_account, "")
    return (
        f'{{"Adjustment":false,"TotalAmt":0,{head(document)}"Line":['
        f'{_receivable_line(0, document, own, document.customer)},{second}],"TxnTaxDetail":{{}}}}'
    )


def _receivable_line(
    position: int, document: JournalEntry, posting: str, customer: Customer
) -> str:
    entity = f',"Entity":{{"Type":"Customer","EntityRef":{customer_reference(customer)}}}'
    is_taken_over = document.is_taken_over
    account = catalogue.RECEIVABLE_TAKEN_OVER if is_taken_over else receivable_of(customer)
    return _journal_line(position, document, posting, account, entity)


def _journal_line(
    position: int, document: JournalEntry, posting: str, account: int, entity: str
) -> str:
    return (
        f'{{"Id":"{position}","Description":{text(document.note)},'
        f'"Amount":{amount_text(document.total)},"DetailType":"JournalEntryLineDetail",'
        f'"JournalEntryLineDetail":{{"PostingType":"{posting}",'
        f'"AccountRef":{account_reference(account)}{entity}}}}}'
    )
