{#-
    What a person wrote on the lines of a sales document: ids change with every edit, an item's name
    with the list of items, and subtotals follow from the rest.
-#}
{% macro line_contents(lines) -%}
    list_transform(
        list_filter(
            coalesce({{ lines }}, []),
            lambda line: line.detailtype is distinct from 'SubTotalLineDetail'
        ),
        lambda line: struct_pack(
            kind := line.detailtype,
            {{ sold_contents('line') }},
            members := list_transform(
                coalesce(line.grouplinedetail.line, []),
                lambda member: struct_pack({{ sold_contents('member') }})
            )
        )
    )
{%- endmacro %}

{% macro sold_contents(line) -%}
    described := {{ line }}.description,
    amount := {{ line }}.amount,
    item_id := {{ line }}.salesitemlinedetail.itemref.value,
    quantity := {{ line }}.salesitemlinedetail.qty,
    unit_price := {{ line }}.salesitemlinedetail.unitprice,
    service_date := {{ line }}.salesitemlinedetail.servicedate
{%- endmacro %}
