-- Reconciliation reads all transfers of the packets of one day. They are booked day by day, so a few pages tell where they
-- are; an index of this kind costs settlement next to nothing.
create index transfer_of_day on transfer using brin (packet_id) with (pages_per_range = 32);
