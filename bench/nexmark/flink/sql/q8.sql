-- q8 new users: persons who opened an auction in the same 10 s tumbling window in which they registered (distinct)
CREATE TABLE events (
  event_type INT,
  person ROW<id BIGINT, name STRING, `dateTime` BIGINT>,
  auction ROW<seller BIGINT, `dateTime` BIGINT>,
  bid ROW<`dateTime` BIGINT>,
  ts AS TO_TIMESTAMP_LTZ(COALESCE(bid.`dateTime`, auction.`dateTime`, person.`dateTime`), 3),
  WATERMARK FOR ts AS ts - INTERVAL '3' SECOND
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
CREATE VIEW persons AS SELECT person.id, person.name, ts FROM events WHERE event_type = 0;
CREATE VIEW auctions AS SELECT auction.seller, ts FROM events WHERE event_type = 1;
SELECT p.id, p.name, p.window_start
FROM (
  SELECT id, name, window_start, window_end FROM TABLE(TUMBLE(TABLE persons, DESCRIPTOR(ts), INTERVAL '10' SECOND))
  GROUP BY id, name, window_start, window_end
) p JOIN (
  SELECT seller, window_start, window_end FROM TABLE(TUMBLE(TABLE auctions, DESCRIPTOR(ts), INTERVAL '10' SECOND))
  GROUP BY seller, window_start, window_end
) a ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end
