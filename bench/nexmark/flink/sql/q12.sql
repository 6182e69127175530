-- q12 (event-time variant): bids per bidder per 10 s tumbling window
CREATE TABLE events (
  event_type INT,
  auction ROW<`dateTime` BIGINT>,
  person ROW<`dateTime` BIGINT>,
  bid ROW<bidder BIGINT, `dateTime` BIGINT>,
  ts AS TO_TIMESTAMP_LTZ(COALESCE(bid.`dateTime`, auction.`dateTime`, person.`dateTime`), 3),
  WATERMARK FOR ts AS ts - INTERVAL '3' SECOND
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
CREATE VIEW bids AS SELECT bid.bidder, ts FROM events WHERE event_type = 2;
SELECT bidder, window_start, COUNT(*) AS num
FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY bidder, window_start, window_end
