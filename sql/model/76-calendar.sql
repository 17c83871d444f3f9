-- The calendar, a row per day, so that charts can join it.
CREATE OR REPLACE VIEW momentum.calendar WITH (security_barrier) AS
SELECT e.brand, e.from_day + n.n AS day, (e.from_day + n.n)::timestamp AT TIME ZONE b.time_zone AS "time",
       e.event, e.kind, e.excluded AS is_excluded, e.from_day, e.to_day, (n.n + 1)::bigint AS day_number, e.note, h.as_of
  FROM momentum_state.event e
  JOIN momentum_state.brand b ON b.brand = e.brand
 CROSS JOIN LATERAL generate_series(0, e.to_day - e.from_day) n (n)
  LEFT JOIN momentum_state.score h ON h.brand = e.brand AND h.back = 0
 WHERE momentum.may_see(e.brand);
COMMENT ON VIEW momentum.calendar IS 'Promotions, launches, holidays and the like, one row per event and day: join it with metric_value on brand and day. Written by momentum.add_event().';
COMMENT ON COLUMN momentum.calendar.brand IS 'The brand.';
COMMENT ON COLUMN momentum.calendar.day IS 'Day of the event, in the brand''s zone.';
COMMENT ON COLUMN momentum.calendar."time" IS 'Beginning of that day, for charts.';
COMMENT ON COLUMN momentum.calendar.event IS 'Name of the event.';
COMMENT ON COLUMN momentum.calendar.kind IS 'promotion, launch, holiday, stockout or other.';
COMMENT ON COLUMN momentum.calendar.is_excluded IS 'The day is left out of trends, weekday factors and what counts as unusual. What was sold and spent on it still counts in every sum.';
COMMENT ON COLUMN momentum.calendar.from_day IS 'First day of the event.';
COMMENT ON COLUMN momentum.calendar.to_day IS 'Last day of the event.';
COMMENT ON COLUMN momentum.calendar.day_number IS '1 on its first day.';
COMMENT ON COLUMN momentum.calendar.note IS 'What was noted with it.';
COMMENT ON COLUMN momentum.calendar.as_of IS 'Newest complete day of the brand.';
