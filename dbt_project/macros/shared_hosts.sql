{#- Hosts whose users have nothing to do with each other: mail providers, and sites of many pages. -#}
{% macro shared_hosts() -%}
    {{ return((var('billing')['free_mail_domains'] | map('lower') | list) + [
        'gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'msn.com',
        'yahoo.com', 'ymail.com', 'aol.com', 'icloud.com', 'me.com', 'mac.com', 'proton.me',
        'protonmail.com', 'mail.com', 'zoho.com', 'comcast.net', 'verizon.net', 'att.net',
        'sbcglobal.net', 'bellsouth.net', 'cox.net', 'charter.net', 'earthlink.net', 'yahoo.co.uk',
        'hotmail.co.uk', 'btinternet.com', 'sky.com', 'virginmedia.com', 'rogers.com', 'shaw.ca',
        'bigpond.com', 'optusnet.com.au', 'web.de', 'gmx.de', 'gmx.net', 'gmx.at', 'gmx.ch',
        't-online.de', 'freenet.de', 'orange.fr', 'wanadoo.fr', 'free.fr', 'laposte.net', 'sfr.fr',
        'yahoo.fr', 'hotmail.fr', 'libero.it', 'virgilio.it', 'tiscali.it', 'alice.it',
        'telefonica.net', 'hotmail.es', 'yahoo.es', 'terra.com.br', 'uol.com.br', 'bol.com.br',
        'hotmail.com.br', 'ziggo.nl', 'kpnmail.nl', 'skynet.be', 'telenet.be', 'telia.com', 'wp.pl',
        'o2.pl', 'onet.pl', 'interia.pl', 'seznam.cz', 'mail.ru', 'yandex.ru', 'bk.ru', 'ukr.net',
        'qq.com', '163.com', '126.com', 'sina.com', 'foxmail.com', 'naver.com', 'daum.net',
        'hanmail.net', 'yahoo.co.jp', 'docomo.ne.jp', 'rediffmail.com', 'yahoo.co.in',
        'facebook.com', 'instagram.com', 'linkedin.com', 'x.com', 'twitter.com', 'youtube.com',
        'sites.google.com', 'linktr.ee', 'example.com',
    ]) }}
{%- endmacro %}

{#- Mailboxes that every company has: on a host of its own they tell no more than the host. -#}
{% macro role_mailboxes() -%}
    {{ return([
        'info', 'office', 'contact', 'hello', 'mail', 'admin', 'sales', 'service', 'support', 'help',
        'billing', 'invoices', 'invoice', 'accounts', 'accounting', 'accountspayable', 'ap',
        'payables', 'finance', 'kontakt', 'buero', 'rechnung', 'rechnungen', 'buchhaltung',
        'vertrieb', 'compta', 'comptabilite', 'factures', 'facturas', 'facturacion', 'contacto',
        'administracion', 'contabilidad', 'amministrazione', 'fatture', 'financeiro',
    ]) }}
{%- endmacro %}
