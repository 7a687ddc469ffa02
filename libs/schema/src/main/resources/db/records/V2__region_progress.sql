-- How the regions whose events are recorded here are doing: one row for each, written by the region's own pods once a
-- second. What a region's row says last is what is known of a region that is gone.
create table region_progress (
    region         smallint    not null primary key,
    -- By this database's clock: when a pod of the region last reached it.
    heard_at       timestamptz not null,
    -- Commit time of the newest event of the region that is recorded; empty until its pods have recorded one.
    recorded_until timestamptz,
    constraint region_progress_region_known check (region between 1 and 2)
);
