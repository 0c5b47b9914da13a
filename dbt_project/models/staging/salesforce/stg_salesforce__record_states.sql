{#- The one staging model over several tables: a refused record of any object is looked up here. -#}
{{ latest_states('raw_salesforce', [
    'accounts', 'contacts', 'opportunities', 'opportunity_line_items',
    'opportunity_line_item_schedules', 'opportunity_history', 'opportunity_field_history',
    'products', 'pricebook_entries', 'users', 'process_instances', 'process_instance_steps',
    'contracts', 'record_types', 'currency_types',
]) }}
