-- q7 highest bid: 10 s tumbling; every bid whose price is the window's maximum (all ties)
CREATE TABLE events (
  event_type INT,
  auction ROW<`dateTime` BIGINT>,
  person ROW<`dateTime` BIGINT>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` BIGINT>,
  ts AS TO_TIMESTAMP_LTZ(COALESCE(bid.`dateTime`, auction.`dateTime`, person.`dateTime`), 3),
  WATERMARK FOR ts AS ts - INTERVAL '3' SECOND
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
CREATE VIEW bids AS SELECT bid.auction, bid.bidder, bid.price, bid.`dateTime`, ts FROM events WHERE event_type = 2;
SELECT b.window_start, b.auction, b.bidder, b.price, b.`dateTime`
FROM (SELECT * FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND))) b
JOIN (
  SELECT window_start, window_end, MAX(price) AS price
  FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end
) m ON b.window_start = m.window_start AND b.window_end = m.window_end AND b.price = m.price
