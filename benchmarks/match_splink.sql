-- Customer records as Splink compares them: lower case, without accents, punctuation and legal form.
create temp macro plain(text) as
    nullif(trim(regexp_replace(lower(strip_accents(text)), '[^\p{L}\p{N}]+', ' ', 'g')), '');
create temp macro without_form(text) as
    nullif(trim(regexp_replace(
        replace(left(plain(text), 100), ' and ', ' '),
        '\b(inc|incorporated|llc|l l c|limited liability company|corp|corporation|co|company|ltd'
        || '|limited|plc|public limited company|llp|l l p|gmbh|g m b h|ag|kg|aktiengesellschaft'
        || '|gesellschaft mit beschrankter haftung|sarl|s a r l|sas|s a s|sl|s l|sa|s a'
        || '|societe par actions simplifiee|sociedad limitada|sociedad anonima)\b',
        '', 'g'
    )), '');
create temp macro without_scheme(text) as
    nullif(regexp_extract(lower(text), '^(?:https?://)?(?:www\.)?([^/:?]+\.[^/:?]+)', 1), '');

create table cleaned as
select
    record_key,
    name_clean,
    legal_clean,
    list_aggregate(list_sort(string_split(name_clean, ' ')), 'string_agg', ' ') as name_words,
    street_clean,
    city_clean,
    region,
    postal_code,
    phone_clean,
    email_clean,
    coalesce(without_scheme(website), if(is_free_mail, null, mail_domain)) as domain,
    tax_id
from (
    select
        record_key,
        without_form(name) as name_clean,
        coalesce(without_form(legal_name), name_clean) as legal_clean,
        nullif(trim(regexp_replace(
            plain(street),
            '\b(suite|ste|unit) \d+|strasse\b|\b(street|str|st|avenue|ave|boulevard|blvd|road|rd|drive|dr'
            || '|lane|ln|calle|c|cl|rue|r|north|n|south|s|east|e|west|w)\b',
            '', 'g'
        )), '') as street_clean,
        plain(city) as city_clean,
        plain(region) as region,
        plain(postal_code) as postal_code,
        right(regexp_replace(phone, '\D', '', 'g'), 9) as phone_digits,
        if(length(replace(phone_digits, left(phone_digits, 1), '')) = 0, null, phone_digits)
            as phone_clean,
        lower(trim(email)) as email_clean,
        website,
        nullif(split_part(email_clean, '@', 2), '') as mail_domain,
        mail_domain in ('gmail.com', 'outlook.com', 'yahoo.com', 'web.de', 'orange.fr')
            as is_free_mail,
        tax_id
    from warehouse.intermediate.int_duplicates__records
);
