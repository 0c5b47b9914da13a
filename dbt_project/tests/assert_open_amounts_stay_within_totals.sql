select
    open_amounts.entity,
    open_amounts.document_type,
    open_amounts.document_id,
    documents.total,
    open_amounts.open_amount,
    open_amounts.holds_from_date
from {{ ref('int_ledger__open_amounts') }} as open_amounts
inner join {{ ref('int_ledger__documents_unioned') }} as documents
    using (entity, document_type, document_id)
where
    abs(open_amounts.open_amount) > abs(documents.total)
    or sign(open_amounts.open_amount) = -sign(documents.total)
    and open_amounts.open_amount <> 0
