{#-
    The columns of an outbox in their one order. The relation holds the others; here are those that
    follow from them.
-#}
{% macro outbox_rows(wanted) -%}
    select
        md5(concat_ws('|', system, entity, object, key, generation)) as outbox_id,
        system,
        entity,
        object,
        operation,
        key,
        marker,
        cast(generation as integer) as generation,
        payload,
        sha256(payload) as payload_hash,
        content_fingerprint,
        preconditions_hash,
        depends_on,
        remote_id,
        evaluated,
        cast(total_amount as decimal(18, 2)) as total_amount,
        reason,
        due_at,
        evaluated_at
    from {{ wanted }}
{%- endmacro %}
