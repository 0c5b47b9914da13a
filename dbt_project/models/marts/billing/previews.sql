with wanted as (
    {% for outbox in [
        'quickbooks__customers', 'quickbooks__invoices', 'salesforce__opportunities',
        'salesforce__accounts',
    ] %}
        select * from {{ ref('outbox_' ~ outbox) }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
)

select
    entity,
    key as billing_key,
    object,
    system,
    outbox_id,
    operation,
    marker,
    generation,
    remote_id,
    depends_on,
    payload,
    payload_hash,
    content_fingerprint,
    preconditions_hash,
    evaluated,
    total_amount,
    reason,
    due_at,
    evaluated_at
from wanted
