-- A payment changes once: it is confirmed, or closed. With half of each page left free the new row stays on the page of the
-- old one, and none of the indexes needs to know.
alter table payment set (fillfactor = 50);
