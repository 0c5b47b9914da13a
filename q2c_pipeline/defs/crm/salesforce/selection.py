"""Which fields of an object are read, and which were lost since the last reading.

Belongs here: the choice, and the text by which the next run remembers it. Does not belong here:
asking for fields.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.defs.crm.salesforce.objects import SalesforceObject

LOST = "!"


class Selection(NamedTuple):
    """``fields`` are read; ``lost`` are wanted, were shown once, and are not any more."""

    fields: tuple[str, ...]
    lost: tuple[str, ...]

    @classmethod
    def of(
        cls,
        spec: SalesforceObject,
        custom: Iterable[str],
        shown: Mapping[str, str],
        *,
        before: str,
    ) -> Self:
        """``before`` is the text of the last reading's selection.

        Raises: ContractBroken when a required field is not shown.
        """
        required = {"Id", spec.stamp, *spec.required}
        if hidden := sorted(required - shown.keys()):
            raise ContractBroken(
                f"Salesforce does not show {', '.join(hidden)} of {spec.vendor_name}. Give the"
                " integration user read access; the last good state stands"
            )
        wanted = required | {*spec.wished, *custom}
        known = {name.removeprefix(LOST) for name in before.split(",")}
        return cls(
            fields=tuple(sorted(wanted & shown.keys())),
            lost=tuple(sorted(wanted & known - shown.keys())),
        )

    @property
    def text(self) -> str:
        return ",".join((*self.fields, *(LOST + name for name in self.lost)))
