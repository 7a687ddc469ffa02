-- What it takes to compare our books with a payment provider's, and to tell of a packet what the provider told.

-- Which packet a notification was about.
alter table callback_done add column packet_id bigint not null default 0;
-- PAYMENT, REFUND or TRANSFER.
alter table callback_done add column subject text not null default '';
create index callback_done_of_packet on callback_done (packet_id);

-- The provider's bill goes by the provider's numbers.
create index payout_by_provider_no on payout (provider_no) where provider_no <> '';

-- The provider's bill of one day: every movement of our account there.
create table provider_bill (
    -- Days since 2020-01-01, in China.
    day         integer     not null primary key check (day between 0 and 9999),
    -- WANTED: to be fetched. FETCHED: its lines are all here, and were what the provider's hash says.
    state       text        not null default 'WANTED',
    try_count   int         not null default 0,
    -- Why it is not here yet.
    last_word   text        not null default '',
    -- When it is asked for next; null when it is here.
    next_at     timestamptz          default now(),
    line_count  int         not null default 0,
    income_fen  bigint      not null default 0,
    outgo_fen   bigint      not null default 0,
    created_at  timestamptz not null default now(),
    fetched_at  timestamptz,
    constraint provider_bill_state_known check (state in ('WANTED', 'FETCHED')),
    constraint provider_bill_fetched check ((fetched_at is not null) = (state = 'FETCHED')),
    constraint provider_bill_wanted check ((next_at is not null) = (state = 'WANTED'))
);

create table provider_bill_line (
    day         integer     not null references provider_bill on delete cascade,
    -- Where it stands in the bill, from 1.
    line        int         not null,
    at          timestamptz not null,
    -- The provider's number of the payment, refund or transfer.
    provider_no text        not null,
    -- In the provider's words: what kind of movement.
    business    text        not null,
    -- Into our account; less than 0 out of it.
    amount_fen  bigint      not null,
    primary key (day, line)
);
create index provider_bill_line_by_number on provider_bill_line (provider_no);
