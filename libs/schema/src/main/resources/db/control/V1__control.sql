-- Control data: small, shared by all pods of a region, not on the path of an open.

-- Order numbers are handed out in blocks. Safety is in the one UPDATE that advances next_counter: two processes that
-- use one slot get different blocks, so no clock and no lease decides whether a number is unique.
create table order_number_block (
    -- Days since 2020-01-01 in Asia/Shanghai, as in the order number.
    day          integer  not null check (day between 0 and 9999),
    slot         smallint not null check (slot between 0 and 999),
    next_counter integer  not null check (next_counter between 0 and 100000000),
    primary key (day, slot)
);
