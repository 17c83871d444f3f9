SELECT * FROM hub.product_stock WHERE brand = 'wagwell';
