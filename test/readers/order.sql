\set n random(1, :orders)
SELECT order_id FROM readers.orders WHERE n = :n \gset
SELECT * FROM hub.order_profit WHERE brand = 'wagwell' AND source = 'wagwell_shop' AND order_id = ':order_id';
SELECT * FROM hub.order_line_profit WHERE brand = 'wagwell' AND source = 'wagwell_shop' AND order_id = ':order_id';
