{#- Words that every company's name may have: what it is by law, spelled out or not, and joints. -#}
{% macro legal_forms() -%}
    {{ return([
        'and', 'und', 'et', 'the', 'of',
        'inc', 'incorporated', 'corp', 'corporation', 'co', 'company', 'ltd', 'limited', 'llc', 'l l c',
        'limited liability (?:company|partnership)', 'llp', 'lp', 'lllp', 'pllc', 'pc', 'plc',
        'public limited company', 'pty', 'proprietary', 'pvt', 'private limited', 'pte', 'sdn', 'bhd',
        'gmbh', 'ggmbh', 'mbh', 'gesellschaft mbh', 'gesellschaft mit beschrankter haftung', 'ag',
        'aktiengesellschaft', 'kg', 'kommanditgesellschaft', 'kgaa', 'ohg', 'ug', 'haftungsbeschrankt',
        'gbr', 'ek', 'ev', 'se',
        'sa', 'sas', 'sasu', 'sarl', 'sa rl', 's a r l', 'eurl', 'snc', 'sci', 'societe anonyme',
        'societe par actions simplifiee', 'societe a responsabilite limitee',
        'sl', 'slu', 'sau', 'sociedad limitada', 'sociedad anonima', 'de capital variable', 'de cv',
        'de c v', 's de rl', 'srl', 'sociedad de responsabilidad limitada', 'eirl', 'ltda', 'limitada',
        'lda', 'eireli', 'spa', 'sapa', 'societa per azioni', 'societa a responsabilita limitata',
        'bv', 'nv', 'vof', 'bvba', 'besloten vennootschap', 'naamloze vennootschap',
        'ab', 'aktiebolag', 'aktiebolaget', 'as', 'a s', 'asa', 'aps', 'aktieselskab', 'aksjeselskap',
        'anpartsselskab', 'oy', 'oyj', 'osakeyhtio', 'hf', 'ehf',
        'sp z oo', 'sp z o o', 'spolka z ograniczona odpowiedzialnoscia', 'spolka akcyjna', 'sro',
        'spol s ro', 'kft', 'zrt', 'nyrt', 'doo', 'ood', 'eood', 'ooo', 'oao', 'zao', 'pao', 'uab',
        'sia', 'ooo', 'ооо', 'оао', 'зао', 'пао', 'ltd sti', 'sti', 'limited sirketi', 'anonim sirketi',
        'kk', 'kabushiki kaisha', 'gk', 'godo kaisha', 'pt', 'tbk', 'jsc', 'pjsc', 'wll', 'fze', 'fzco',
    ]) }}
{%- endmacro %}

{#- The same in scripts that put no space between words. -#}
{% macro unspaced_legal_forms() -%}
    {{ return([
        '株式会社', '有限会社', '合同会社', '股份有限公司', '有限责任公司', '有限責任公司', '有限公司', '주식회사',
        '유한회사',
    ]) }}
{%- endmacro %}

{#- Words of company names as people shorten them. -#}
{% macro abbreviations() -%}
    {{ return({
        'acad': 'academy', 'amer': 'american', 'arch': 'architects', 'assn': 'association',
        'assoc': 'associates', 'assocs': 'associates', 'bldg': 'building', 'bldrs': 'builders',
        'bros': 'brothers', 'centre': 'center', 'chem': 'chemical', 'cntr': 'center',
        'const': 'construction', 'constr': 'construction', 'ctr': 'center', 'dept': 'department',
        'dev': 'development', 'dist': 'distribution', 'elec': 'electric', 'eng': 'engineering',
        'engr': 'engineering', 'engrg': 'engineering', 'ent': 'enterprises', 'equip': 'equipment',
        'fdn': 'foundation', 'govt': 'government', 'grp': 'group', 'hdw': 'hardware',
        'hdwe': 'hardware', 'hldg': 'holdings', 'hldgs': 'holdings', 'holding': 'holdings',
        'hosp': 'hospital', 'inds': 'industries', 'ins': 'insurance', 'inst': 'institute',
        'instr': 'instruments', 'intl': 'international', 'lab': 'laboratories',
        'labs': 'laboratories', 'log': 'logistics', 'mach': 'machinery', 'med': 'medical',
        'mfg': 'manufacturing', 'mfr': 'manufacturing', 'mgmt': 'management', 'mgt': 'management',
        'mktg': 'marketing', 'natl': 'national', 'pharm': 'pharmacy', 'pkg': 'packaging',
        'prod': 'products', 'prods': 'products', 'prop': 'properties', 'props': 'properties',
        'ptnrs': 'partners', 'sch': 'school', 'service': 'services', 'sol': 'solutions',
        'solns': 'solutions', 'svc': 'services', 'svcs': 'services', 'sys': 'systems',
        'tech': 'technologies', 'technology': 'technologies', 'transp': 'transport',
        'univ': 'university', 'wks': 'works',
    }) }}
{%- endmacro %}

{#- What people write behind a name to themselves, from the sign on that sets it off. -#}
{% macro notes_pattern() -%}
    '\s+(?:[-–—/*(\[#!]+\s*(?:do ?n.t use|do not use|dnu|dupl?(?:icate)?|see (?:also|other)|use other|new|old|inactive|closed|copy|former(?:ly)?|merged?|deleted|obsolete)\b.*|\*+)\s*$'
{%- endmacro %}
