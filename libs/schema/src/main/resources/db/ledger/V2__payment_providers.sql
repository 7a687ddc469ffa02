-- Money whose home is outside of the ledger: a provider takes it from payers. The ledger keeps the books all the same.

-- LATE: money for a payment that was closed already, into the payer's account.
-- The new list holds the old one, so no row need be looked at.
alter table transfer drop constraint transfer_kind_known;
alter table transfer add constraint transfer_kind_known check (
    kind in ('DEPOSIT', 'PAYMENT', 'CREDIT', 'REFUND', 'LATE')) not valid;

-- A payment as the provider has it. The provider's order number is the payment id.
create table provider_order (
    packet_id      bigint      not null primary key references payment,
    -- PENDING: may still be paid. PAID: its money has come. CLOSED: can never be paid.
    state          text        not null default 'PENDING',
    -- The provider takes no money for it after this.
    expires_at     timestamptz not null,
    -- The provider's own number of the payment.
    transaction_id text,
    ask_count      int         not null default 0,
    -- When the provider is asked how it stands, unless it tells by itself.
    next_ask_at    timestamptz not null,
    created_at     timestamptz not null default now(),
    constraint provider_order_state_known check (state in ('PENDING', 'PAID', 'CLOSED')),
    constraint provider_order_paid check ((transaction_id is not null) = (state = 'PAID')),
    -- One payment of the provider pays one order.
    constraint provider_order_transaction unique (transaction_id)
);
create index provider_order_due on provider_order (next_ask_at) where state = 'PENDING';

-- Signatures of callbacks that were accepted. One signature is good once; after its five minutes it is stale anyway.
create table callback_nonce (
    nonce   text        not null primary key,
    seen_at timestamptz not null default now()
);
create index callback_nonce_by_time on callback_nonce (seen_at);

-- Notifications that have had their effect. The provider repeats each until it hears so.
create table callback_done (
    notification_id text        not null primary key,
    done_at         timestamptz not null default now()
);
create index callback_done_by_time on callback_done (done_at);
