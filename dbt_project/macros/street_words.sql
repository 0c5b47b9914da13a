{#- Words that say what kind of street it is or which end of it, as main trading countries write them. -#}
{% macro street_forms() -%}
    {{ return([
        'n', 's', 'e', 'w', 'north', 'south', 'east', 'west', 'ne', 'nw', 'se', 'sw', 'northeast',
        'northwest', 'southeast', 'southwest', 'st', 'street', 'str', 'ave', 'avenue', 'av', 'rd',
        'road', 'blvd', 'boulevard', 'boul', 'bd', 'dr', 'drive', 'ln', 'lane', 'ct', 'court', 'pl',
        'place', 'sq', 'square', 'pkwy', 'parkway', 'hwy', 'highway', 'ter', 'terrace', 'cres',
        'crescent', 'cct', 'circuit', 'cir', 'circle', 'way', 'wy', 'trl', 'trail', 'cl', 'close',
        'rue', 'r', 'chemin', 'route', 'allee', 'quai', 'impasse', 'calle', 'c', 'avenida', 'avda',
        'plaza', 'pza', 'paseo', 'camino', 'carretera', 'rua', 'via', 'viale', 'piazza', 'corso',
        'strasse', 'platz', 'weg', 'de', 'la', 'du', 'des', 'del', 'und', 'and', 'the', 'co',
    ]) }}
{%- endmacro %}

{#- A door within a building: tells little, and is often left out. -#}
{% macro door_pattern() -%}
    '(?:,?\s*#\s*\w+|\b(?:suite|ste|unit|apt|apartment|flat|floor|fl|room|rm|etage|piso)\b\.?\s*#?\s*\d*\w?)'
{%- endmacro %}
