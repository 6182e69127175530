-- q0 pass-through: every bid, unchanged
CREATE TABLE events (
  event_type INT,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` BIGINT, extra STRING>
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, bid.`dateTime`, bid.extra FROM events WHERE event_type = 2
