SELECT * FROM momentum.dashboard WHERE brand = 'wagwell';
SELECT * FROM momentum.score WHERE brand = 'wagwell';
SELECT * FROM momentum.alert WHERE brand = 'wagwell' AND is_open;
