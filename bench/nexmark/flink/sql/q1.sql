-- q1 currency: USD cents -> EUR, price*0.908 (exact decimal, 3 places)
CREATE TABLE events (
  event_type INT,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` BIGINT, extra STRING>
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
SELECT bid.auction, bid.bidder, 0.908 * bid.price AS price, bid.`dateTime`, bid.extra FROM events WHERE event_type = 2
