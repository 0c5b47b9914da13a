{#-
    For each word of one list, whether another list has it: 1, or 0.9 for one that is spelled almost
    like it or cut short, else 0. Numbers are the same or not.
-#}
{% macro words_met(words, other_words) -%}
    {%- set alike_min = 0.9 -%}
    if({{ other_words }} is null, null, list_transform({{ words }}, lambda word: case
        when list_contains({{ other_words }}, word) then 1.0::double
        when length(word) <= 2 or regexp_matches(word, '^\d+$') then 0
        when list_bool_or(list_transform({{ other_words }}, lambda other: case
            when length(other) <= 2 then false
            when starts_with(word, other) or starts_with(other, word) then true
            when least(length(word), length(other)) <= 3 then false
            else jaro_winkler_similarity(word, other, {{ alike_min }}) > 0
        end)) then {{ alike_min }}
        else 0
    end))
{%- endmacro %}
