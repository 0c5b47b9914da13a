"""Refusals in the words of Salesforce: an array of message, errorCode and fields.

Belongs here: each refusal's status, code and text. Does not belong here: deciding to refuse.
"""

from collections.abc import Sequence
from typing import Any


class Refusal(Exception):
    """A request, or one item of a collection, that Salesforce turns down."""

    def __init__(
        self, error_code: str, message: str, *, status: int = 400, fields: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.message = message
        self.status = status
        self.fields = tuple(fields)

    def body(self) -> list[dict[str, Any]]:
        """The body of a refused request; ``fields`` only where some are named."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.error_code}
        if self.fields:
            error["fields"] = list(self.fields)
        return [error]

    def item_error(self) -> dict[str, Any]:
        """The same refusal as one of the errors of a collection's item."""
        return {
            "statusCode": self.error_code,
            "message": self.message,
            "fields": list(self.fields),
        }


class UnknownRecord(Refusal):
    """An id that no record has; in a collection the vendor has another code for it."""

    def __init__(self) -> None:
        super().__init__("NOT_FOUND", "The requested resource does not exist", status=404)

    def item_error(self) -> dict[str, Any]:
        return {
            "statusCode": "INVALID_CROSS_REFERENCE_KEY",
            "message": "invalid cross reference id",
            "fields": [],
        }


def invalid_session() -> Refusal:
    return Refusal("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def resource_not_found() -> Refusal:
    return Refusal("NOT_FOUND", "The requested resource does not exist", status=404)


def method_not_allowed(method: str, allowed: Sequence[str]) -> Refusal:
    return Refusal(
        "METHOD_NOT_ALLOWED",
        f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}",
        status=405,
    )


def url_too_long() -> Refusal:
    return Refusal("URI_TOO_LONG", "The requested URI is too long", status=414)


def malformed_body(detail: str) -> Refusal:
    return Refusal("JSON_PARSER_ERROR", detail)


def malformed_query(detail: str) -> Refusal:
    return Refusal("MALFORMED_QUERY", detail)


def invalid_locator() -> Refusal:
    return Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")


def unknown_object_in_query(object_name: str) -> Refusal:
    return Refusal("INVALID_TYPE", f"sObject type '{object_name}' is not supported.")


def no_such_column(field_name: str, object_name: str) -> Refusal:
    return Refusal(
        "INVALID_FIELD",
        f"No such column '{field_name}' on entity '{object_name}'. If you are attempting to use a"
        " custom field, be sure to append the '__c' after the custom field name.",
    )


def no_such_column_in_record(field_name: str, object_name: str) -> Refusal:
    return Refusal(
        "INVALID_FIELD",
        f"No such column '{field_name}' on sobject of type {object_name}",
        fields=(field_name,),
    )


def malformed_id(value: str) -> Refusal:
    return Refusal("MALFORMED_ID", f"malformed id {value}", fields=("Id",))


def entity_is_deleted() -> Refusal:
    return Refusal("ENTITY_IS_DELETED", "entity is deleted")


def unable_to_lock(record_id: str) -> Refusal:
    return Refusal(
        "UNABLE_TO_LOCK_ROW",
        f"unable to obtain exclusive access to this record or 1 records: {record_id}",
    )


def locked_by_approval() -> Refusal:
    return Refusal("ENTITY_IS_LOCKED", "the entity is locked for editing")


def bad_picklist_value(field_name: str, value: str) -> Refusal:
    return Refusal(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{field_name}: bad value for restricted picklist field: {value}",
        fields=(field_name,),
    )


def server_unavailable() -> Refusal:
    return Refusal("SERVER_UNAVAILABLE", "Server too busy. Try again later.", status=503)


def unknown_exception() -> Refusal:
    return Refusal("UNKNOWN_EXCEPTION", "An unexpected error occurred.", status=500)
