-- q3 local item: unbounded inner join of auctions in category 10 with sellers in OR, ID, CA (either may come first)
CREATE TABLE events (
  event_type INT,
  person ROW<id BIGINT, name STRING, city STRING, state STRING>,
  auction ROW<id BIGINT, seller BIGINT, category BIGINT>
) WITH ('connector' = 'filesystem', 'path' = '$FILE', 'format' = 'json');
CREATE VIEW persons AS SELECT person.id, person.name, person.city, person.state FROM events WHERE event_type = 0;
CREATE VIEW auctions AS SELECT auction.id, auction.seller, auction.category FROM events WHERE event_type = 1;
SELECT p.name, p.city, p.state, a.id FROM auctions a JOIN persons p ON a.seller = p.id
WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')
