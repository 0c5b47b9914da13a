{#-
    Whether two texts differ by one letter that is wrong, missing or swapped with its neighbour. That
    leaves one end as it was, which is looked at first, for counting edits is slow.
-#}
{% macro is_one_edit_away(text, other_text) -%}
    (
        (
            left({{ text }}, 2) = left({{ other_text }}, 2)
            or right({{ text }}, 2) = right({{ other_text }}, 2)
        )
        and damerau_levenshtein({{ text }}, {{ other_text }}) <= 1
    )
{%- endmacro %}
