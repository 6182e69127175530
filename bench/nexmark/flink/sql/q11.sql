-- q11 user sessions: bids per bidder per session; a new session starts when the gap to the previous bid is > 10 s
CREATE TABLE events (
  event_type INT,
  auction ROW<`dateTime` BIGINT>,
  person ROW<`dateTime` BIGINT>,
  bid ROW<bidder BIGINT, `dateTime` BIGINT>,
  ts AS TO_TIMESTAMP_LTZ(COALESCE(bid.`dateTime`, auction.`dateTime`, person.`dateTime`), 3),
  WATERMARK FOR ts AS ts - INTERVAL '3' SECOND
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
CREATE VIEW bids AS SELECT bid.bidder, ts FROM events WHERE event_type = 2;
SELECT bidder, COUNT(*) AS num, window_start AS session_start, window_end AS session_end
FROM TABLE(SESSION(TABLE bids PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY bidder, window_start, window_end
