"""Approvals of deals in Salesforce's wire form.

Belongs here: one process for each approved deal, and its two steps. Does not belong here: who may
approve what.
"""

from collections.abc import Iterator

from q2c_pipeline.sandbox.generate.crm.deal import Approval, Deal
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
        yield (
            f'{{{attributes("ProcessInstance", process_instance_id(number))},"IsDeleted":false,'
            f'"ProcessDefinitionId":"{process_definition_id(BILLING_APPROVAL)}",'
            f'"TargetObjectId":"{opportunity_id(deal.number)}","Status":"Approved",'
            f'"SubmittedById":"{user_id(deal.owner + 1)}",'
            f'"LastActorId":"{user_id(approval.approver + 1)}",'
            f'"CompletedDate":"{utc_text(approval.completed)}",'
            f"{stamps(approval.submitted, approval.completed, deal.owner)}}}"
        )


def process_steps(crm: Crm) -> Iterator[str]:
    for number, deal, approval in _numbered(crm):
        steps = (
            ("Started", deal.owner, approval.submitted),
            ("Approved", approval.approver, approval.completed),
        )
        for position, (status, actor, moment) in enumerate(steps):
            by = user_id(actor + 1)
            yield (
                f"{{{attributes('ProcessInstanceStep', process_step_id(2 * number + position))},"
                f'"ProcessInstanceId":"{process_instance_id(number)}","StepStatus":"{status}",'
                f'"OriginalActorId":"{by}","ActorId":"{by}",'
                f'"StepNodeId":"{process_node_id(FINANCE_REVIEW)}","Comments":null,'
                f'"CreatedDate":"{utc_text(moment)}","CreatedById":"{by}",'
                f'"SystemModstamp":"{utc_text(moment)}"}}'
            )


def _numbered(crm: Crm) -> Iterator[tuple[int, Deal, Approval]]:
    approved = ((deal, deal.approval) for deal in crm.deals if deal.approval is not None)
    for number, (deal, approval) in enumerate(approved, start=1):
        yield number, deal, approval
