{#-
    Records that share a key worth a comparison; keys that many share are worth none. How many that is
    of what says little, words and places and hosts, depends on how many records there are.
-#}
{%- set shared_max = 50 -%}
{%- set loosely_shared_min = 3 -%}
{%- set afforded_keys = 1000000 -%}
with traits as (
    select * from {{ ref('int_duplicates__traits') }}
),

names as (
    select
        record_key,
        rarest_words as words
    from {{ ref('int_duplicates__weighted_names') }}
),

streets as (
    select
        record_key,
        house_number,
        unnest(list_distinct(list_transform(
            list_filter(street_words, lambda word: word <> house_number),
            lambda word: left(word, 4)
        ))) as street_begin
    from traits
),

rarest as (
    select
        record_key,
        unnest(words[:2]) as word
    from names
),

keys as (
    {% for column, value in [
        ('phone', 'right(phone, 7)'), ('tax_id', 'tax_id'), ('mailbox', 'mailbox'),
    ] %}
        select
            record_key,
            hash('{{ column }}', {{ value }}) as key,
            {{ shared_max }} as shared_max
        from traits
        where {{ column }} is not null
        union all
    {% endfor %}
    select
        record_key,
        hash('host', unnest(hosts)) as key,
        null as shared_max
    from traits
    union all
    select
        record_key,
        hash('place', house_number, street_begin) as key,
        null as shared_max
    from streets
    union all
    {% for place in ['postal_code', 'city'] %}
        select
            rarest.record_key,
            hash('word at {{ place }}', traits.{{ place }}, rarest.word) as key,
            null as shared_max
        from rarest
        inner join traits using (record_key)
        where traits.{{ place }} is not null
        union all
    {% endfor %}
    {% for first, second in [(1, 2), (1, 3), (2, 3)] %}
        select
            record_key,
            hash(
                'words',
                least(words[{{ first }}], words[{{ second }}]),
                greatest(words[{{ first }}], words[{{ second }}])
            ) as key,
            null as shared_max
        from names
        where len(words) >= {{ second }}
        union all
    {% endfor %}
    select
        record_key,
        hash('begins', left(name_text, 4), postal_code) as key,
        {{ shared_max }} as shared_max
    from traits
    where postal_code is not null and name_text <> ''
    union all
    select
        record_key,
        hash('initials', coalesce(initials, name_text), postal_code) as key,
        {{ shared_max }} as shared_max
    from traits
    where postal_code is not null and length(coalesce(initials, name_text)) between 3 and 6
    union all
    select
        record_key,
        hash('name', name_words) as key,
        {{ shared_max }} as shared_max
    from traits
    where len(name_words) > 0
),

few as (
    select
        greatest(
            {{ loosely_shared_min }}, least({{ shared_max }}, {{ afforded_keys }} // count(*))
        ) as loosely_shared_max
    from traits
),

telling as (
    select keys.key
    from keys
    cross join few
    group by keys.key, keys.shared_max, few.loosely_shared_max
    having count(*) between 2 and coalesce(keys.shared_max, few.loosely_shared_max)
),

shared as (
    select
        keys.record_key,
        keys.key
    from keys
    inner join telling using (key)
)

select distinct
    lefts.record_key as left_key,
    rights.record_key as right_key
from shared as lefts
inner join shared as rights using (key)
where lefts.record_key < rights.record_key
