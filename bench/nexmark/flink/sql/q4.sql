-- q4 avg winning price per category: per auction the max bid with auction.dateTime <= bid.dateTime <= auction.expires
-- Flink gives a changelog: what holds in the end is the last of each category. Millrace gives that alone.
CREATE TABLE events (
  event_type INT,
  auction ROW<id BIGINT, category BIGINT, `dateTime` BIGINT, expires BIGINT>,
  bid ROW<auction BIGINT, price BIGINT, `dateTime` BIGINT>
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
CREATE VIEW auctions AS
SELECT auction.id, auction.category, auction.`dateTime` AS opens, auction.expires FROM events WHERE event_type = 1;
CREATE VIEW bids AS SELECT bid.auction, bid.price, bid.`dateTime` AS placed FROM events WHERE event_type = 2;
SELECT category, AVG(CAST(final AS DOUBLE)) AS `avg`, SUM(final) AS `sum`, COUNT(*) AS cnt FROM (
  SELECT a.id, a.category, MAX(b.price) AS final FROM auctions a JOIN bids b ON a.id = b.auction
  WHERE b.placed BETWEEN a.opens AND a.expires GROUP BY a.id, a.category
) GROUP BY category
