select
    entity,
    run_id,
    time_zone,
    home_currency,
    as_of_date,
    extraction_date,
    extracted_at
from {{ source('raw_salesforce', 'extractions') }}
