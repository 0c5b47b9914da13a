{#- A rare word tells more than one that many names have. -#}
with traits as (
    select * from {{ ref('int_duplicates__traits') }}
),

words as (
    select
        record_key,
        name_words,
        legal_words,
        unnest(list_distinct(list_concat(name_words, legal_words))) as word
    from traits
),

weights as (
    select
        word,
        ln((select count(*) from traits) / count(*)) as weight
    from words
    group by word
),

weighted as (
    select
        words.record_key,
        list_sort(list({
            'word': words.word,
            'weight': weights.weight,
            'is_in_name': list_contains(words.name_words, words.word),
            'is_in_legal_name': list_contains(words.legal_words, words.word)
        })) as parts
    from words
    inner join weights using (word)
    group by words.record_key
)

select
    record_key,
    nullif([part.weight for part in parts if part.is_in_name], []) as name_weights,
    nullif([part.weight for part in parts if part.is_in_legal_name], []) as legal_weights,
    [
        rare[2] for rare in list_reverse_sort([row(part.weight, part.word) for part in parts])[:3]
    ] as rarest_words
from weighted
