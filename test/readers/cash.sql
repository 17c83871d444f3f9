SELECT * FROM momentum.cash_summary WHERE brand = 'wagwell';
SELECT * FROM momentum.recommendation WHERE brand = 'wagwell';
