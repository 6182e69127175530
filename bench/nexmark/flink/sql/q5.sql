-- q5 hot items: 10 s windows sliding by 2 s; the auctions with the most bids in each window (all ties)
CREATE TABLE events (
  event_type INT,
  auction ROW<`dateTime` BIGINT>,
  person ROW<`dateTime` BIGINT>,
  bid ROW<auction BIGINT, `dateTime` BIGINT>,
  ts AS TO_TIMESTAMP_LTZ(COALESCE(bid.`dateTime`, auction.`dateTime`, person.`dateTime`), 3),
  WATERMARK FOR ts AS ts - INTERVAL '3' SECOND
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
CREATE VIEW bids AS SELECT bid.auction, ts FROM events WHERE event_type = 2;
CREATE VIEW counts AS
SELECT window_start, window_end, auction, COUNT(*) AS num
FROM TABLE(HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
GROUP BY window_start, window_end, auction;
SELECT c.window_start, c.window_end, c.auction, c.num FROM counts c
JOIN (SELECT window_start, window_end, MAX(num) AS num FROM counts GROUP BY window_start, window_end) m
ON c.window_start = m.window_start AND c.window_end = m.window_end AND c.num = m.num
