select
    entity,
    month_end,
    segment,
    previous_dso,
    dso_standard,
    terms_and_timing,
    late_payment,
    credits,
    write_offs,
    sales,
    rounding
from {{ ref('dso_explained') }}
where
    previous_dso + terms_and_timing + late_payment + credits + write_offs + sales
    <> dso_standard
    or residual <> 0
    -- Seven figures rounded by half a hundredth each; days beyond reason lose digits of their own.
    or abs(rounding) > greatest(0.03, (dso_standard + previous_dso) / 1e9)
    or previous_dso + dso_standard is not null and residual is null
