{#- The one staging model over several tables: a refused record of any object is looked up here. -#}
{{ latest_states('raw_salesforce', ['accounts', 'opportunities', 'users']) }}
