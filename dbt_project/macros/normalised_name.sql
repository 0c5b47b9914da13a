{#-
    A company's name as it is compared: its words without accents, punctuation and case, and without
    those that say its legal form.
-#}
{% macro normalised_name(name) -%}
    {%- set legal_forms = [
        'the', 'inc', 'incorporated', 'llc', 'ltd', 'limited', 'lp', 'llp', 'plc', 'corp',
        'corporation', 'co', 'company', 'gmbh', 'ag', 'kg', 'sa', 'sas', 'sarl', 'srl', 'bv', 'nv',
        'oy', 'ab',
    ] -%}
    array_to_string(
        list_filter(
            regexp_extract_all(lower(strip_accents({{ name }})), '[\p{L}\p{N}]+'),
            lambda word: not list_contains({{ text_list(legal_forms) }}, word)
        ),
        ' '
    )
{%- endmacro %}
