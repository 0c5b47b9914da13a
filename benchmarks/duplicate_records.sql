-- Customer records made from their number and a seed alone, so that every machine has the same.
--
-- What is true of a record comes from the numbers name_of, place_of and contact_of: records with one
-- number share that truth. How it is written comes from the record's own number. So a duplicate is
-- written as carelessly as its original, and three kinds of dirt are for duplicates only: a typo,
-- words in another order, and a note behind the name.

create temp macro draw(n, what) as hash(n, what, getvariable('seed'));
create temp macro chance(n, what) as draw(n, what) / 18446744073709551616;
create temp macro one_of(choices, n, what) as
    choices[1 + (draw(n, what) % len(choices))::integer];

-- Ranks as often as Zipf and Mandelbrot have it: the first ones often, most of them hardly ever.
create temp macro common(n, what, size, shift) as
    (pow(size + shift, chance(n, what)) * pow(shift, 1 - chance(n, what)) - shift)::integer
        % size;

create temp table countries as
select
    *,
    sum(share) over (order by country) - share as share_from,
    sum(share) over (order by country) as share_to
from (
    values
    ('DE', 0.16, '+49', '0', '.de', '{w}{t} {n}',
        [['GmbH', 'Gesellschaft mit beschränkter Haftung', 'G.m.b.H.', ''],
            ['AG', 'Aktiengesellschaft', 'AG', ''], ['GmbH & Co. KG', 'KG', 'GmbH & Co KG', '']],
        [['straße', 'str.', 'strasse'], ['weg', 'weg', 'weg'], ['allee', 'allee', 'allee']],
        ['B', 'K', 'Sch', 'M', 'W', 'St', 'L', 'Fr', 'H', 'Gr'], ['a', 'e', 'ö', 'ü', 'ei', 'au', 'i'],
        ['ller', 'nn', 'ck', 'rg', 'ft', 'mm', 'ld'], ['er', 'mann', 'stein', 'hausen', 'e', 'feld']),
    ('ES', 0.08, '+34', '', '.es', '{t} {w}, {n}',
        [['S.L.', 'SL', 'Sociedad Limitada', ''], ['S.A.', 'SA', 'Sociedad Anónima', '']],
        [['Calle', 'C/', 'Cl.'], ['Avenida', 'Avda.', 'Av.'], ['Plaza', 'Pza.', 'Pl.']],
        ['G', 'M', 'R', 'L', 'P', 'C', 'S', 'V', 'T', 'N'], ['a', 'e', 'o', 'á', 'é', 'í', 'ue'],
        ['rc', 'nd', 'ñ', 'll', 'rt', 'mb', 'st'], ['ez', 'ía', 'os', 'ero', 'ana', 'ón']),
    ('FR', 0.12, '+33', '0', '.fr', '{n} {t} {w}',
        [['SARL', 'S.A.R.L.', 'Sarl', ''], ['SAS', 'S.A.S.', 'Société par actions simplifiée', '']],
        [['rue', 'r.', 'Rue'], ['avenue', 'av.', 'Ave'], ['boulevard', 'bd', 'Boul.']],
        ['B', 'D', 'L', 'M', 'P', 'Ch', 'V', 'R', 'G', 'T'], ['a', 'é', 'è', 'ou', 'ai', 'i', 'eu'],
        ['rn', 'll', 'ç', 'ss', 'nt', 'rd', 'v'], ['ier', 'eau', 'ard', 'ois', 'elle', 'in']),
    ('GB', 0.16, '+44', '0', '.co.uk', '{n} {w} {t}',
        [['Ltd', 'Limited', 'Ltd.', ''], ['PLC', 'Public Limited Company', 'plc', ''],
            ['LLP', 'LLP', 'L.L.P.', '']],
        [['Road', 'Rd', 'Rd.'], ['Street', 'St', 'St.'], ['Lane', 'Ln', 'Ln.']],
        ['H', 'W', 'B', 'Th', 'C', 'Br', 'L', 'N', 'Sm', 'P'], ['a', 'e', 'oo', 'ea', 'i', 'o', 'ar'],
        ['ll', 'rr', 'tch', 'rd', 'ng', 'st', 'x'], ['ton', 'ley', 'ford', 'worth', 'ham', 'er']),
    ('US', 0.48, '+1', '', '.com', '{n} {w} {t}',
        [['Inc.', 'Incorporated', 'Inc', ''], ['LLC', 'L.L.C.', 'Limited Liability Company', ''],
            ['Corp.', 'Corporation', 'Corp', '']],
        [['Street', 'St', 'St.'], ['Avenue', 'Ave', 'Ave.'], ['Boulevard', 'Blvd', 'Blvd.'],
            ['Drive', 'Dr', 'Dr.']],
        ['B', 'C', 'D', 'H', 'K', 'L', 'M', 'R', 'St', 'W', 'Tr'], ['a', 'e', 'i', 'o', 'u', 'ee', 'ai'],
        ['rt', 'll', 'nd', 'ck', 'mm', 'v', 'x', 'n'], ['er', 'son', 'on', 'field', 'wood', 'ix', 'a'])
) as rows(
    country, share, phone_prefix, trunk, suffix, street_pattern,
    legal_forms, street_types, onsets, vowels, middles, endings
);

create temp table words as
select
    country,
    word_rank,
    one_of(onsets, word_rank, country || 'onset') || one_of(vowels, word_rank, country || 'first')
    || one_of(middles, word_rank, country || 'middle')
    || if(
        draw(word_rank, country || 'length') % 2 = 0,
        one_of(vowels, word_rank, country || 'second')
        || one_of(middles, word_rank, country || 'late'),
        ''
    )
    || one_of(endings, word_rank, country || 'ending') as word
from countries cross join range(20000) as ranks(word_rank);

-- Written out, and as people shorten it.
set variable trades = [
    ['Services', 'Svcs'], ['Manufacturing', 'Mfg'], ['Consulting', 'Consulting'],
    ['International', 'Intl'], ['Technologies', 'Tech'], ['Systems', 'Sys'], ['Group', 'Grp'],
    ['Engineering', 'Eng'], ['Logistics', 'Logistics'], ['Construction', 'Constr.'],
    ['Foods', 'Foods'], ['Electric', 'Elec.'], ['Plumbing', 'Plumbing'], ['Dental', 'Dental'],
    ['Motors', 'Motors'], ['Design', 'Design'], ['Properties', 'Prop.'], ['Medical', 'Med.'],
    ['Hardware', 'Hdwe'], ['Brothers', 'Bros'], ['Associates', 'Assoc.'], ['Security', 'Security'],
    ['Farms', 'Farms'], ['Textiles', 'Textiles'], ['Marine', 'Marine'], ['Travel', 'Travel'],
    ['Insurance', 'Ins.'], ['Laboratories', 'Labs'], ['Packaging', 'Pkg'], ['Timber', 'Timber']
];
set variable given_names = [
    'James', 'Mary', 'Robert', 'Linda', 'Michael', 'Anna', 'David', 'Laura', 'José', 'Marie',
    'Thomas', 'Sofía', 'Peter', 'Claire', 'Hans', 'Zoë', 'Paul', 'Emma', 'Jürgen', 'François'
];
set variable free_mail = ['gmail.com', 'outlook.com', 'yahoo.com', 'web.de', 'orange.fr'];
set variable notes = [' (NEW)', ' - do not use', ' (old)', ' *', ' - see other', ' #2'];

create temp macro typo_at(text, n) as
    1 + (draw(n, 'where') % greatest(length(text) - 3, 1))::integer;
create temp macro typo(text, n) as
    case draw(n, 'typo') % 4
        when 0 then left(text, typo_at(text, n)) || substr(text, typo_at(text, n) + 2)
        when 1 then left(text, typo_at(text, n)) || substr(text, typo_at(text, n))
        when 2 then left(text, typo_at(text, n)) || substr(text, typo_at(text, n) + 2, 1)
            || substr(text, typo_at(text, n) + 1, 1) || substr(text, typo_at(text, n) + 3)
        else left(text, typo_at(text, n)) || one_of(['a', 'e', 'r', 's', 'n'], n, 'letter')
            || substr(text, typo_at(text, n) + 2)
    end;
create temp macro slug(text) as regexp_replace(lower(strip_accents(text)), '[^a-z0-9]', '', 'g');

-- Of ten records seven are originals; then come duplicates, subsidiaries and branches.
create temp table numbers as
select
    *,
    if(
        chance(contact_of, 'switchboard') < 0.03,
        -1 - (draw(contact_of, 'which') % (size // 300 + 1))::bigint,
        contact_of
    ) as phone_of
from (
    select
        n,
        getvariable('records') as size,
        case
            when n <= size * 7 // 10 then 'original'
            when n <= size * 8 // 10 then 'duplicate'
            when n <= size * 9 // 10 then 'subsidiary'
            else 'branch'
        end as kind,
        if(kind = 'original', n, 1 + (draw(n, 'of') % (size * 7 // 10))::bigint) as original,
        if(kind in ('duplicate', 'branch'), original, n) as name_of,
        if(kind = 'duplicate' and chance(n, 'moved') > 0.1, original, n) as place_of,
        if(kind = 'duplicate', original, n) as contact_of
    from range(1, getvariable('records') + 1) as numbers(n)
);

create temp table truths as
select
    numbers.*,
    first_words.word as first_word,
    second_words.word as second_word,
    street_words.word as street_word,
    town_words.word as town,
    one_of(getvariable('trades'), name_of, 'trade') as trade,
    chance(name_of, 'person') < 0.05 and kind <> 'branch' as is_person,
    1 + draw(place_of, 'house') % 400 as house,
    lpad((town_rank * 37 % 900 + 100)::varchar, 3, '0')
    || lpad((draw(place_of, 'district') % 20)::varchar, 2, '0') as postal_code,
    lpad((common(phone_of, 'town', 2000, 5) * 7 % 800 + 200)::varchar, 3, '0')
    || lpad((draw(phone_of, 'line') % 10000000)::varchar, 7, '0') as phone_digits
from (
    select
        numbers.*,
        country,
        phone_prefix,
        trunk,
        suffix,
        street_pattern,
        one_of(legal_forms, name_of, 'legal form') as legal_form,
        one_of(street_types, place_of, 'street type') as street_type,
        common(if(kind = 'subsidiary', original, name_of), 'first word', 20000, 30) as first_rank,
        common(name_of, 'second word', 20000, 30) as second_rank,
        common(place_of, 'street', 3000, 5) as street_rank,
        common(place_of, 'town', 2000, 5) as town_rank
    from numbers
    inner join countries
        on chance(original, 'country') >= share_from and chance(original, 'country') < share_to
) as numbers
inner join words as first_words
    on numbers.country = first_words.country and first_rank = first_words.word_rank
inner join words as second_words
    on numbers.country = second_words.country and second_rank = second_words.word_rank
inner join words as street_words
    on numbers.country = street_words.country and street_rank + 100 = street_words.word_rank
inner join words as town_words
    on numbers.country = town_words.country and town_rank + 7000 = town_words.word_rank;

create temp table written as
select
    *,
    case
        when is_person then one_of(getvariable('given_names'), name_of, 'given') || ' ' || first_word
        when kind = 'subsidiary' or chance(name_of, 'pattern') < 0.5
            then first_word || ' ' || second_word || ' ' || trade_written
        when chance(name_of, 'pattern') < 0.75 then first_word || ' ' || trade_written
        when chance(name_of, 'pattern') < 0.9
            then first_word || if(draw(n, 'and') % 2 = 0, ' & ', ' and ') || second_word
        else first_word || ' ' || trade_written || ' ' || second_word
    end as body,
    if(is_person, '', one_of(legal_form, n, 'legal writing')) as legal_suffix,
    slug(
        if(is_person, one_of(getvariable('given_names'), name_of, 'given') || '.', '')
        || first_word || if(chance(original, 'host') < 0.7, trade[1], second_word)
    ) as host
from (select *, trade[1 + (chance(n, 'short') < 0.2)::integer] as trade_written from truths);

create temp table made_records as
select
    original * (kind in ('original', 'duplicate'))::integer
    + n * (kind not in ('original', 'duplicate'))::integer as truth,
    kind,
    one_of(['quickbooks', 'salesforce'], n, 'system') as system,
    'one' as entity,
    n::varchar as record_id,
    trim(case
        when kind <> 'duplicate' then body || ' ' || legal_suffix
        when chance(n, 'dirt') < 0.30 then typo(body, n) || ' ' || legal_suffix
        when chance(n, 'dirt') < 0.40
            then array_to_string(list_reverse(string_split(body, ' ')), ' ') || ' ' || legal_suffix
        when chance(n, 'dirt') < 0.50
            then body || ' ' || legal_suffix || one_of(getvariable('notes'), n, 'note')
        when chance(n, 'dirt') < 0.60 then upper(strip_accents(body || ' ' || legal_suffix))
        when chance(n, 'dirt') < 0.70 then strip_accents(body)
        else body || ' ' || legal_suffix
    end) as name,
    if(
        chance(n, 'legal name') < 0.3 and not is_person,
        body || ' ' || one_of(legal_form, n, 'legal'),
        null
    ) as legal_name,
    if(
        chance(n, 'street') < 0.07,
        null,
        replace(
            replace(replace(street_pattern, '{w}', street_word), '{n}', house::varchar),
            '{t}',
            one_of(street_type, n, 'street writing')
        ) || if(chance(n, 'suite') < 0.1, ', Suite ' || (1 + draw(n, 'door') % 40), '')
    ) as street,
    if(chance(n, 'town') < 0.05, null, if(chance(n, 'shouted') < 0.1, upper(town), town)) as city,
    null::varchar as region,
    if(chance(n, 'postal code') < 0.1, null, postal_code) as postal_code,
    if(chance(n, 'country') < 0.2, null, country) as country,
    case draw(n, 'phone') % 6
        when 0 then null
        when 1 then phone_prefix || ' ' || left(phone_digits, 3) || ' ' || substr(phone_digits, 4)
        when 2 then phone_prefix || phone_digits
        when 3 then '(' || trunk || left(phone_digits, 3) || ') ' || substr(phone_digits, 4, 3)
            || '-' || substr(phone_digits, 7)
        when 4 then trunk || left(phone_digits, 3) || '.' || substr(phone_digits, 4, 3) || '.'
            || substr(phone_digits, 7)
        else trunk || phone_digits
    end as phone,
    case
        when chance(n, 'email') < 0.25 then null
        when chance(contact_of, 'free mail') < 0.25 or is_person
            then host || draw(contact_of, 'mailbox') % 100 || '@'
                || one_of(getvariable('free_mail'), contact_of, 'provider')
        else one_of(['info', 'billing', 'office', 'ap', 'accounts'], n, 'local part')
            || '@' || host || suffix
    end as email,
    if(
        chance(n, 'website') < 0.5 or is_person,
        null,
        one_of(['https://www.', 'http://', 'www.', ''], n, 'scheme') || host || suffix
    ) as website,
    if(
        chance(n, 'tax id') < 0.65 or kind = 'branch',
        null,
        md5('tax' || contact_of)
    ) as tax_id,
    if(
        kind = 'subsidiary' and chance(n, 'parent') < 0.5
        or kind = 'branch' and chance(n, 'parent') < 0.3,
        original,
        null
    ) as parent,
    timestamptz '2024-01-01 00:00:00+00' + to_minutes((draw(n, 'minute') % 1000000)::integer)
        as created_at
from written;
