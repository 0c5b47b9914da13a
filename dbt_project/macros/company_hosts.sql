{#- The hosts of a web address and of mail addresses, without those that the policy calls free. -#}
{% macro company_hosts(website, emails) -%}
    list_filter(
        list_distinct(
            list_concat(
                [
                    regexp_extract(
                        lower({{ website }}), '^\s*(?:https?://)?(?:www\.)?([^/:?\s]+\.[^/:?\s]+)', 1
                    )
                ],
                regexp_extract_all(lower({{ emails }}), '@([^\s,;>]+)', 1)
            )
        ),
        lambda host: host <> '' and not list_contains(
            {{ text_list(var('billing')['free_mail_domains'] | map('lower') | list) }}, host
        )
    )
{%- endmacro %}
