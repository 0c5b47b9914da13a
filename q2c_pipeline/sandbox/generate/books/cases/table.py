"""How often each case is planted, and on which invoices.

Belongs here: the table. Does not belong here: what a case does.
"""

from q2c_pipeline.sandbox.generate.books.cases.beside import (
    bundle_sold,
    deposit_to_receivables,
    estimate_converted,
    estimate_not_converted,
    journal_transfer,
    refund_receipt,
    sales_receipt,
)
from q2c_pipeline.sandbox.generate.books.cases.case import Case
from q2c_pipeline.sandbox.generate.books.cases.corrections import (
    deleted_long_ago,
    deleted_payment,
    deleted_recently,
    entered_late,
    future_dated_invoice,
    voided_credit,
    voided_invoice,
    voided_payment,
)
from q2c_pipeline.sandbox.generate.books.cases.credits import (
    credit_at_another_rate,
    credit_dated_after_its_application,
    credit_in_one_line,
    credit_in_two_lines,
    credit_partly_applied,
    credit_refunded_by_card,
    credit_refunded_by_cheque,
    credit_unapplied,
    credit_with_cash,
    refund_cheque_unlinked,
    small_balance_write_off,
    write_off,
)
from q2c_pipeline.sandbox.generate.books.cases.payments import (
    deposit_on_invoice,
    overpayment,
    overpayment_refunded_by_cheque,
    paid_at_another_rate,
    paid_early,
    paid_late,
    parent_pays_job,
    partial_payment,
    prepayment,
    unapplied_payment,
)
from q2c_pipeline.sandbox.generate.books.documents import Invoice


def _of_job(invoice: Invoice) -> bool:
    return invoice.customer.parent is not None


def _foreign(invoice: Invoice) -> bool:
    return invoice.customer.is_foreign


def _of_several_lines(invoice: Invoice) -> bool:
    return len(invoice.lines) > 1


def _after_a_month(invoice: Invoice) -> bool:
    return invoice.day >= invoice.customer.since + 35


def _on_credit(invoice: Invoice) -> bool:
    return invoice.customer.term.due_days >= 15


#: The pickiest first, so that they find their invoices in a small company too.
CASES = (
    Case("future_dated_invoice", future_dated_invoice, 0, (0, 45)),
    Case("parent_pays_job", parent_pays_job, 2, (120, 10_000), _of_job),
    Case("journal_transfer", journal_transfer, 0, (40, 10_000), _of_job),
    Case("paid_at_another_rate", paid_at_another_rate, 4, (110, 10_000), _foreign),
    Case("credit_at_another_rate", credit_at_another_rate, 1, (60, 10_000), _foreign),
    Case("credit_unapplied", credit_unapplied, 4, (0, 75)),
    Case("unapplied_payment", unapplied_payment, 3, (0, 120)),
    Case("deleted_recently", deleted_recently, 1, (25, 400)),
    Case("paid_early", paid_early, 10, (10, 10_000), _on_credit),
    Case("prepayment", prepayment, 5, (5, 10_000), _after_a_month),
    Case("estimate_converted", estimate_converted, 25, (5, 10_000), _after_a_month),
    Case("paid_late", paid_late, 10, (190, 10_000)),
    Case("partial_payment", partial_payment, 20, (90, 10_000)),
    Case("overpayment", overpayment, 5, (90, 10_000)),
    Case("credit_in_two_lines", credit_in_two_lines, 12, (40, 10_000)),
    Case("credit_in_one_line", credit_in_one_line, 8, (40, 10_000)),
    Case("credit_with_cash", credit_with_cash, 6, (110, 10_000)),
    Case("credit_partly_applied", credit_partly_applied, 4, (45, 10_000)),
    Case("credit_dated_after_its_application", credit_dated_after_its_application, 1,
         (60, 10_000)),
    Case("refund_receipt", refund_receipt, 3, (60, 10_000)),
    Case("sales_receipt", sales_receipt, 20, (30, 10_000)),
    Case("credit_refunded_by_cheque", credit_refunded_by_cheque, 3, (80, 10_000)),
    Case("overpayment_refunded_by_cheque", overpayment_refunded_by_cheque, 2, (130, 10_000)),
    Case("refund_cheque_unlinked", refund_cheque_unlinked, 1, (70, 10_000)),
    Case("write_off", write_off, 4, (190, 10_000)),
    Case("small_balance_write_off", small_balance_write_off, 3, (150, 10_000)),
    Case("voided_invoice", voided_invoice, 5, (40, 10_000)),
    Case("voided_payment", voided_payment, 3, (60, 10_000)),
    Case("deleted_long_ago", deleted_long_ago, 2, (80, 10_000)),
    Case("deleted_payment", deleted_payment, 1, (80, 10_000)),
    Case("deposit_on_invoice", deposit_on_invoice, 5, (20, 10_000)),
    Case("entered_late", entered_late, 6, (40, 10_000)),
    Case("deposit_to_receivables", deposit_to_receivables, 1, (50, 10_000)),
    Case("estimate_not_converted", estimate_not_converted, 15, (40, 10_000)),
    Case("bundle_sold", bundle_sold, 12, (40, 10_000), _of_several_lines),
    Case("voided_credit", voided_credit, 2, (40, 10_000)),
    Case("credit_refunded_by_card", credit_refunded_by_card, 2, (60, 10_000)),
)  # fmt: skip
