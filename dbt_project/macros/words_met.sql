{#-
    For each word of one list, whether another list has it: 1, or 0.9 for one that is spelled almost
    like it or cut short, else 0. Numbers are the same or not.
-#}
{% macro words_met(words, other_words) -%}
    {%- set alike_min = 0.9 -%}
    if({{ other_words }} is null, null, list_transform({{ words }}, lambda word: case
        when list_contains({{ other_words }}, word) then 1.0::double
        when list_bool_or(list_transform({{ other_words }}, lambda other:
            length(word) > 2
            and length(other) > 2
            and (
                starts_with(word, other)
                or starts_with(other, word)
                or (
                    length(word) > 3
                    and length(other) > 3
                    and jaro_winkler_similarity(word, other) >= {{ alike_min }}
                )
            )
            and not regexp_matches(word, '^\d+$')
        )) then {{ alike_min }}
        else 0
    end))
{%- endmacro %}
