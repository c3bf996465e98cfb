-- A session keeps the plans of a function. Those made in the first minutes of a campaign, when the
-- tables hold a few rows, would read them whole, and go on so while the rows become thousands, until
-- autovacuum next looks: the rate of holds fell by half within three thousand (docs/performance.md).
ALTER FUNCTION reservation_hold_pair(bigint, bigint, timestamptz, timestamptz, varchar) SET enable_seqscan = off;
ALTER FUNCTION reservation_require_all_doses(uuid) SET enable_seqscan = off;
ALTER FUNCTION reservation_release(uuid, bigint, varchar, varchar) SET enable_seqscan = off;
ALTER FUNCTION reservation_release_expired(timestamptz, integer) SET enable_seqscan = off;
