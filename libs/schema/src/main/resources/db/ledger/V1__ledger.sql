-- The double-entry ledger. Every movement of money is one row of transfer: it debits one account and credits another,
-- in the same transaction that changes their balances. So the balances always sum up to 0.

create table account (
    -- user:<user id>, escrow:<packet id>, external, suspense
    account_id  text   not null primary key,
    kind        text   not null,
    balance_fen bigint not null,
    constraint account_kind_known check (kind in ('USER', 'ESCROW', 'EXTERNAL', 'SUSPENSE')),
    -- Nobody spends what is not there: over-crediting from an escrow fails here, whatever else went wrong.
    constraint account_not_overdrawn check (balance_fen >= 0 or kind not in ('USER', 'ESCROW'))
) with (fillfactor = 80); -- leaves room on the page, so that a new balance needs no new index entry

insert into account (account_id, kind, balance_fen)
values ('external', 'EXTERNAL', 0), ('suspense', 'SUSPENSE', 0);

create table transfer (
    -- Fixed by what caused it, so that it is booked once: deposit:<user>/<request id>, payment:<packet>,
    -- credit:<packet>:<user>, refund:<packet>
    transfer_id    text        not null primary key,
    -- The order of booking; the order of a wallet's list.
    sequence       bigint      not null generated always as identity,
    kind           text        not null,
    debit_account  text        not null,
    credit_account text        not null,
    amount_fen     bigint      not null,
    packet_id      bigint      not null default 0,
    created_at     timestamptz not null default now(),
    constraint transfer_kind_known check (kind in ('DEPOSIT', 'PAYMENT', 'CREDIT', 'REFUND')),
    constraint transfer_amount_positive check (amount_fen > 0),
    constraint transfer_between_two check (debit_account <> credit_account)
);
create index transfer_by_debit on transfer (debit_account, sequence);
create index transfer_by_credit on transfer (credit_account, sequence);

-- Both sides of every transfer, seen from the accounts. balance_fen of an account is the sum of its entries.
create view entry as
select credit_account as account_id, sequence, transfer_id, kind, amount_fen, packet_id, created_at
from transfer
union all
select debit_account, sequence, transfer_id, kind, -amount_fen, packet_id, created_at
from transfer;

create table payment (
    packet_id       bigint      not null primary key,
    -- For readers; a payment is found by its packet, since its id says which.
    payment_id      text        not null generated always as ('pay-' || packet_id) stored,
    payer_id        text,
    request_id      text,
    amount_fen      bigint,
    -- SHA-256 over the parameters of the order
    parameters_hash bytea,
    state           text        not null,
    created_at      timestamptz not null default now(),
    confirmed_at    timestamptz,
    closed_at       timestamptz,
    -- The registry of create requests: one order per payer and request id.
    constraint payment_of_request unique (payer_id, request_id),
    constraint payment_amount_positive check (amount_fen > 0),
    constraint payment_state_known check (state in ('PENDING', 'CONFIRMED', 'CLOSED')),
    constraint payment_times_fit check (
        (confirmed_at is not null) = (state = 'CONFIRMED') and (closed_at is not null) = (state = 'CLOSED')),
    -- An order that was closed before its payment was asked for leaves a closed row without a payer, so that a request
    -- which arrives late finds the order closed.
    constraint payment_whole check (
        num_nulls(payer_id, request_id, amount_fen, parameters_hash) = 0
        or num_nonnulls(payer_id, request_id, amount_fen, parameters_hash) = 0 and state = 'CLOSED')
);

-- Transfers that could not be booked after every retry. Someone has to look at each; replaying the event settles it.
create table stuck_transfer (
    transfer_id    text        not null primary key,
    kind           text        not null,
    user_id        text        not null,
    packet_id      bigint      not null,
    amount_fen     bigint      not null,
    -- When it was decided, by the order database's clock.
    occurred_at    timestamptz not null,
    -- ESCROW: it cannot pay. CONFLICT: another amount or receiver is booked under this id.
    reason         text        not null,
    stuck_at       timestamptz not null default now(),
    -- When it was booked after all.
    settled_at     timestamptz,
    constraint stuck_transfer_kind_known check (kind in ('CREDIT', 'REFUND')),
    constraint stuck_transfer_reason_known check (reason in ('ESCROW', 'CONFLICT'))
);
create index stuck_transfer_open on stuck_transfer (stuck_at) where settled_at is null;
