SELECT * FROM hub.financial_metrics WHERE brand = 'wagwell' AND day > current_date - 90 ORDER BY day;
