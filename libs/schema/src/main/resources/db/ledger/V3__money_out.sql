-- Money that leaves the ledger for its owner's account at a provider, and the account of what cannot leave.

-- PAYOUT: from a wallet to its owner, outside. SUSPENSE: from a wallet to suspense, since the provider does not take it.
-- RELEASE: back again, for another try. The new list holds the old one, so no row need be looked at.
alter table transfer drop constraint transfer_kind_known;
alter table transfer add constraint transfer_kind_known check (
    kind in ('DEPOSIT', 'PAYMENT', 'CREDIT', 'REFUND', 'LATE', 'PAYOUT', 'SUSPENSE', 'RELEASE')) not valid;

-- When a credit or refund was decided, by the order database's clock; its lag is created_at less this.
alter table transfer add column decided_at timestamptz;

-- The number under which a provider knows a payout: fixed by the booking that causes it, so that a ledger that was
-- restored from a backup asks for the same thing under the same number. Letters and digits, 32 at most: what WeChat Pay
-- allows. Twelve characters of a hash, 70 bits, tell the receivers of one packet apart.
create function payout_number(transfer_id text, packet_id bigint, attempt int) returns text
    language sql immutable strict parallel safe
    return packet_id::text || 'p' || left(
        translate(encode(sha256(convert_to(transfer_id || '#' || attempt, 'UTF8')), 'base64'), '+/=', ''), 12);

create table payout (
    payout_no     text        not null primary key,
    -- The booking into the wallet that this carries on.
    transfer_id   text        not null references transfer,
    -- Counts the numbers of one booking: a new one only where the provider itself said that the old one failed for good.
    attempt       int         not null default 1,
    -- TRANSFER: to the receiver of a share. REFUND: to where the payment came from.
    kind          text        not null,
    packet_id     bigint      not null,
    user_id       text        not null,
    amount_fen    bigint      not null,
    decided_at    timestamptz not null,
    -- DUE: on its way. DONE: the owner has it. SUSPENDED: in suspense, somebody has to look. REPLACED: by the next attempt.
    state         text        not null default 'DUE',
    try_count     int         not null default 0,
    refusal_count int         not null default 0,
    suspend_count int         not null default 0,
    -- Whether the provider said that this number has failed and always will have.
    failed        boolean     not null default false,
    -- What the provider said last, in its words.
    last_word     text        not null default '',
    -- The provider's own number.
    provider_no   text        not null default '',
    -- What the receiver's client needs where the provider wants the receiver to confirm.
    package_text  text        not null default '',
    -- When it is looked at next; null when nothing is left to do or to tell.
    next_at       timestamptz          default now(),
    created_at    timestamptz not null default now(),
    done_at       timestamptz,
    constraint payout_kind_known check (kind in ('TRANSFER', 'REFUND')),
    constraint payout_state_known check (state in ('DUE', 'DONE', 'SUSPENDED', 'REPLACED')),
    constraint payout_amount_positive check (amount_fen > 0),
    constraint payout_done check ((done_at is not null) = (state = 'DONE')),
    constraint payout_due check (state <> 'DUE' or next_at is not null),
    constraint payout_replaced check (state <> 'REPLACED' or failed)
);
-- One booking is paid out once: at most one number of it may lead to money.
create unique index payout_of_transfer on payout (transfer_id) where state <> 'REPLACED';
create index payout_by_time on payout (next_at) where next_at is not null;
create index payout_by_amount on payout (amount_fen desc) where next_at is not null;
create index payout_suspended on payout (created_at) where state = 'SUSPENDED';
