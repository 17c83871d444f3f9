\set n random(1, :customers)
SELECT customer_id FROM readers.customers WHERE n = :n \gset
SELECT * FROM hub.customer_value WHERE brand = 'wagwell' AND customer_id = ':customer_id';
SELECT * FROM hub.order_profit WHERE brand = 'wagwell' AND customer_id = ':customer_id';
