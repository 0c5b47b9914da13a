"""Approvals of deals in Salesforce's wire form.

Belongs here: one process for each approved deal, and its two steps. Does not belong here: who may
approve what.
"""

from collections.abc import Iterator

from q2c_pipeline.sandbox.generate.crm.deal import PENDING, Approval, Deal, submitter
from q2c_pipeline.sandbox.generate.crm.deals import Crm
from q2c_pipeline.sandbox.generate.crm.ids import (
    opportunity_id,
    process_definition_id,
    process_instance_id,
    process_node_id,
    process_step_id,
    user_id,
)
from q2c_pipeline.sandbox.generate.crm.wire.fragments import attributes, stamps
from q2c_pipeline.sandbox.generate.days import utc_text

BILLING_APPROVAL, FINANCE_REVIEW = 1, 1


def process_instances(crm: Crm) -> Iterator[str]:
    for number, deal, approval in _numbered(crm):
        *_, (_, actor, moment) = _steps(deal, approval)
        completed = "null" if approval.status == PENDING else f'"{utc_text(moment)}"'
        yield (
            f'{{{attributes("ProcessInstance", process_instance_id(number))},"IsDeleted":false,'
            f'"ProcessDefinitionId":"{process_definition_id(BILLING_APPROVAL)}",'
            f'"TargetObjectId":"{opportunity_id(deal.number)}","Status":"{approval.status}",'
            f'"SubmittedById":"{user_id(submitter(deal, approval) + 1)}",'
            f'"LastActorId":"{user_id(actor + 1)}","CompletedDate":{completed},'
            f"{stamps(approval.submitted, moment, deal.owner)}}}"
        )


def process_steps(crm: Crm) -> Iterator[str]:
    for number, deal, approval in _numbered(crm):
        for position, (status, actor, moment) in enumerate(_steps(deal, approval)):
            by = user_id(actor + 1)
            yield (
                f"{{{attributes('ProcessInstanceStep', process_step_id(2 * number + position))},"
                f'"ProcessInstanceId":"{process_instance_id(number)}","StepStatus":"{status}",'
                f'"OriginalActorId":"{by}","ActorId":"{by}",'
                f'"StepNodeId":"{process_node_id(FINANCE_REVIEW)}","Comments":null,'
                f'"CreatedDate":"{utc_text(moment)}","CreatedById":"{by}",'
                f'"SystemModstamp":"{utc_text(moment)}"}}'
            )


def _steps(deal: Deal, approval: Approval) -> list[tuple[str, int, int]]:
    """Status, actor and moment; a pending process waits for its second step."""
    started = ("Started", submitter(deal, approval), approval.submitted)
    if approval.status == PENDING:
        return [started]
    return [started, (approval.status, approval.approver, approval.completed)]


def _numbered(crm: Crm) -> Iterator[tuple[int, Deal, Approval]]:
    approved = ((deal, deal.approval) for deal in crm.deals if deal.approval is not None)
    for number, (deal, approval) in enumerate(approved, start=1):
        yield number, deal, approval
