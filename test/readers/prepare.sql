-- What the questions beside this file ask for, by number.
CREATE SCHEMA readers;
CREATE TABLE readers.customers AS
SELECT row_number() OVER (ORDER BY customer_id) AS n, customer_id FROM hub.customers WHERE brand = 'wagwell' AND duplicate_of IS NULL;
CREATE TABLE readers.orders AS
SELECT row_number() OVER (ORDER BY order_id) AS n, order_id FROM hub.orders WHERE brand = 'wagwell';
ALTER TABLE readers.customers ADD PRIMARY KEY (n);
ALTER TABLE readers.orders ADD PRIMARY KEY (n);
ANALYZE readers.customers, readers.orders;
GRANT USAGE ON SCHEMA readers TO PUBLIC;
GRANT SELECT ON readers.customers, readers.orders TO PUBLIC;
