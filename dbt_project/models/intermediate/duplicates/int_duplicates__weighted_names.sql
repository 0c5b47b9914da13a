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
)

select
    words.record_key,
    list(weights.weight order by words.word)
    filter (where list_contains(words.name_words, words.word)) as name_weights,
    list(weights.weight order by words.word)
    filter (where list_contains(words.legal_words, words.word)) as legal_weights,
    max_by(words.word, (weights.weight, words.word), 3) as rarest_words
from words
inner join weights using (word)
group by words.record_key
