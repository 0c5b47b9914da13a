"""The faults of QuickBooks, each in the vendor's words.

Belongs here: codes, statuses, texts and bodies. Does not belong here: deciding that one occurred,
and the shape of the ``gateway``, which refuses before QuickBooks is asked.
"""

from datetime import datetime

from q2c_pipeline.sandbox.quickbooks.wire import Payload, body_time, write

VALIDATION = "ValidationFault"


class Fault(Exception):
    """A refusal, in the vendor's words; ``element`` is the field it is about."""

    def __init__(
        self,
        code: str,
        message: str,
        detail: str,
        *,
        element: str | None = None,
        status: int = 400,
        kind: str = VALIDATION,
        is_timed: bool = True,
    ) -> None:
        super().__init__(f"{code} {message}: {detail}")
        self.status = status
        self.kind = kind
        self.is_timed = is_timed
        self.error = {"Message": message, "Detail": detail, "code": code}
        if element is not None:
            self.error["element"] = element

    def content(self) -> Payload:
        """The ``Fault`` object, as it stands in a body or in one item of a batch."""
        return {"Error": [self.error], "type": self.kind}

    def body(self, moment: datetime) -> str:
        time = {"time": body_time(moment)} if self.is_timed else {}
        return write({"Fault": self.content()} | time)


def not_found() -> Fault:
    return Fault(
        "610",
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive. Check the"
        " fields with accounts, customers, items, vendors or employees.",
        element="",
    )


def stale() -> Fault:
    return Fault(
        "5010",
        "Stale Object Error",
        "Stale Object Error : You and Sandbox User were working on this at the same time."
        " Sandbox User finished before you did, so your work was not saved.",
        element="",
    )


def invalid_id(text: str) -> Fault:
    return Fault(
        "2030",
        "Invalid ID",
        f"Id should be a valid number. Supplied value:{text}",
        element="Id",
        is_timed=False,
    )


def unsupported(what: str) -> Fault:
    return Fault("500", "Unsupported Operation", f"Operation {what} is not supported.")


def unknown_property(name: str, entity: str) -> Fault:
    return Fault(
        "2010",
        "Request has invalid or unsupported property",
        f'Property Name:Unrecognized field "{name}" (class'
        f" com.intuit.schema.finance.v3.{entity}), not marked as ignorable specified is"
        " unsupported or invalid",
    )


def missing(field: str) -> Fault:
    return Fault(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {field} is missing in the request",
        element=field,
    )


def bad_number(field: str, value: object) -> Fault:
    return Fault(
        "2080", "Invalid Number", f"{field} should be a valid number. Supplied value:{value}",
        element=field,
    )  # fmt: skip


def too_long(field: str, limit: int) -> Fault:
    return Fault(
        "2050",
        "String length is either shorter or longer than supported by specification",
        f"{field} is longer than {limit} characters",
        element=field,
    )


def long_request_id(request_id: str, limit: int) -> Fault:
    return business(
        f"You cannot enter more than {limit} characters in the request_id field. You tried"
        f" entering {request_id}, which is {len(request_id)} characters."
    )


def too_many_items(limit: int) -> Fault:
    return Fault(
        "1040", "Batch size exceeded", f"A batch holds at most {limit} items", element="bId"
    )


def invalid_reference(field: str, record_id: str) -> Fault:
    return Fault(
        "2500",
        "Invalid Reference Id",
        f"Invalid Reference Id : {field} element id {record_id} not found",
        element=field,
    )


def duplicate_name() -> Fault:
    return Fault("6240", "Duplicate Name Exists Error", "The name supplied already exists. : null")


def no_name() -> Fault:
    return Fault(
        "6080",
        "Name was not supplied",
        "A name must be supplied : at least one of DisplayName, Title, GivenName, MiddleName,"
        " FamilyName or Suffix",
    )


def amount_mismatch() -> Fault:
    return Fault(
        "6070",
        "Amount is not equal to UnitPrice * Qty",
        "Amount calculation incorrect in the request. Amount is not equal to UnitPrice * Qty.",
        element="Amount",
    )


def duplicate_number(number: str, entity: str, record_id: str) -> Fault:
    return Fault(
        "6140",
        "Duplicate Document Number Error",
        "Duplicate Document Number Error : You must specify a different number. This number has"
        f" already been used. DocNumber={number} is assigned to TxnType={entity} with"
        f" TxnId={record_id}",
    )


def business(detail: str) -> Fault:
    return Fault("6000", "A business validation error has occurred", detail)


def query_syntax(detail: str) -> Fault:
    return Fault("4000", "Error parsing query", f"QueryParserError: {detail}")


def query_invalid(detail: str) -> Fault:
    return Fault("4001", "Invalid query", f"QueryValidationError: {detail}")


def bad_parameter(field: str, detail: str) -> Fault:
    return Fault("2080", "Invalid Parameter", detail, element=field)


def not_json() -> Fault:
    return Fault(
        "2010", "Request has invalid or unsupported property", "The body is no JSON object"
    )


def bad_choice(field: str, value: object) -> Fault:
    return Fault(
        "2170",
        "Invalid Enumeration",
        f"{field} has no such value. Supplied value:{value}",
        element=field,
    )


def out_of_range(field: str, detail: str) -> Fault:
    return Fault("2240", "Value is out of range", detail, element=field)


def cannot_link(detail: str) -> Fault:
    return Fault("620", "Transaction cannot be linked", detail)


def wrong_tax_code() -> Fault:
    return Fault(
        "6100",
        "Invalid tax code",
        "Line TaxCodeRef must be TAX or NON for a company in the US",
        element="TaxCodeRef",
    )


def closed_period() -> Fault:
    return Fault(
        "6210",
        "Account Period Closed",
        "The account period has closed and the account books cannot be updated through this date",
    )


def deposited() -> Fault:
    return Fault(
        "6540",
        "Deposited Transaction cannot be changed",
        "The transaction has been deposited. Take it out of the deposit first.",
    )


def list_has_balance() -> Fault:
    return Fault(
        "6000",
        "Delete List Has Balance Error",
        "Delete List Has Balance Error : a customer with an open balance cannot be made inactive",
    )


def system_failure() -> Fault:
    return Fault(
        "10000", "An application error has occurred", "System Failure Error", status=500,
        kind="SystemFault",
    )  # fmt: skip


def throttled() -> Fault:
    return Fault(
        "003001",
        "message=ThrottleExceeded; errorCode=003001; statusCode=429",
        "The request limit was reached. Try again later.",
        status=429,
        kind="ServiceFault",
    )
