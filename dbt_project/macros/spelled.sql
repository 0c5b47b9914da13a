{#-
    A text in one spelling: lower case without accents, letters that no mark makes spelled out, "&" as
    "and", dots of initials closed up, other punctuation as one space, and a space around the whole.
    Letters of all scripts stay.
-#}
{% macro spelled(text) -%}
    ' ' || trim(regexp_replace(
        regexp_replace(
            replace(replace(
                if(
                    strlen({{ text }}) = length({{ text }}),
                    lower({{ text }}),
                    replace(replace(replace(replace(
                        translate(lower(strip_accents({{ text }})), 'łøđðı’´', 'loddi'),
                        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'
                    )
                ),
                '&', ' and '), '''', ''
            ),
            '\b(\pL)\.', '\1', 'g'
        ),
        ' *[^ \pL\pM\pN][^\pL\pM\pN]*| {2,}', ' ', 'g'
    )) || ' '
{%- endmacro %}

{#-
    A spelled text without the words that a list names; several in a row go together, and of two that
    begin alike the longer one goes first.
-#}
{% macro without_words(spelled_text, words) -%}
    regexp_replace({{ spelled_text }}, ' (?:(?:{{ words | sort(reverse=true) | join('|') }}) )+', ' ', 'g')
{%- endmacro %}

{#- The words of a spelled text, as they stand. -#}
{% macro words_of(spelled_text) -%}
    list_filter(string_split(trim({{ spelled_text }}), ' '), lambda word: word <> '')
{%- endmacro %}
