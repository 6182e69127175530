-- q2 filter: bids on auctions whose id is divisible by 123
CREATE TABLE events (
  event_type INT,
  bid ROW<auction BIGINT, price BIGINT>
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
SELECT bid.auction, bid.price FROM events WHERE event_type = 2 AND MOD(bid.auction, 123) = 0
