-- What no matching likes, over the originals of `made_records`, half of which are made for it: a tenth
-- of each kind, of which the last copies another.
create temp table hostile_records as
select
    original as truth,
    'hostile' as kind,
    system,
    entity,
    n::varchar as record_id,
    case original % 10
        when 0 then ['', ' ', '-', 'n/a', '.', null][1 + n // 10 % 6]
        when 1 then chr(65 + (n // 10 % 26)::integer)
        when 2 then ['test', 'TEST 1', 'asdf', 'unknown', 'do not use'][1 + n // 10 % 5]
        when 3 then
            ['Maria', 'John', 'Wei', 'Anna'][1 + original // 10 % 4] || ' '
            || ['Smith', 'García', 'Müller', 'Li', 'O''Neill'][1 + original // 40 % 5]
        when 5 then list_aggregate(
            list_transform(
                range(6),
                lambda i: chr(
                    ([19968, 1072, 945, 1575, 12354][1 + original // 10 % 5]
                    + draw(original, i::varchar) % 22)::integer
                )
            ),
            'string_agg', ''
        )
        when 6 then street
        when 7 then left(repeat(name || ' ', 100), 500)
        else name
    end as name,
    null::varchar as legal_name,
    if(original % 10 = 6, name, street) as street,
    city,
    region,
    if(original % 10 = 6, phone, postal_code) as postal_code,
    country,
    case
        when original % 10 in (3, 4) then '000-000-0000'
        when original % 10 = 6 then email
        else phone
    end as phone,
    case original % 10 when 6 then website when 8 then 'info@example.com' else email end as email,
    website,
    tax_id,
    case original % 10 when 2 then n when 4 then if(n = original, (original + 10) % 10000, null) end as parent,
    created_at
from (
    select
        record_id::bigint as n,
        if(n % 10 = 9, n - 1 - n // 10 % 6, n) as original
    from made_records
    where n <= getvariable('records') // 2
) as numbers
inner join made_records on original = made_records.record_id::bigint;
