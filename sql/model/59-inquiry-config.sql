-- The settings of inquiries and routine work, one row per brand.
CREATE OR REPLACE VIEW momentum_state.inquiry_config AS
SELECT b.brand, b.name AS brand_name, (now() AT TIME ZONE b.time_zone)::date AS today, b.time_zone, v.*
  FROM momentum_state.brand b
 CROSS JOIN LATERAL (
    SELECT max(s.value) FILTER (WHERE s.key = 'inquiry.escalate_share') AS escalate_share,
           max(s.value) FILTER (WHERE s.key = 'inquiry.sla_minutes')::bigint AS sla_minutes,
           max(s.value) FILTER (WHERE s.key = 'inquiry.resolve_days') AS resolve_days,
           max(s.value) FILTER (WHERE s.key = 'inquiry.close_days') AS close_days,
           max(s.value) FILTER (WHERE s.key = 'inquiry.order_days') AS order_days,
           max(s.value) FILTER (WHERE s.key = 'review.days')::integer AS review_days,
           max(s.value) FILTER (WHERE s.key = 'review.window_days')::integer AS review_window,
           max(s.value) FILTER (WHERE s.key = 'notify.days')::integer AS notify_days,
           max(s.value) FILTER (WHERE s.key = 'notify.delay_days')::integer AS delay_days,
           max(s.value) FILTER (WHERE s.key = 'lifecycle.at_risk_days')::integer AS at_risk_days,
           max(s.value) FILTER (WHERE s.key = 'lifecycle.lapsed_days')::integer AS lapsed_days,
           max(s.value) FILTER (WHERE s.key = 'winback.window_days')::integer AS winback_window,
           max(s.word) AS language
      FROM (SELECT DISTINCT ON (e.key) e.key,
                   CASE WHEN e.key <> 'inquiry.language' THEN e.value::double precision END AS value,
                   CASE WHEN e.key = 'inquiry.language' THEN e.value END AS word
              FROM momentum_state.setting e
             WHERE e.brand IN (b.brand, '')
               AND e.key IN ('inquiry.escalate_share', 'inquiry.sla_minutes', 'inquiry.resolve_days', 'inquiry.close_days',
                             'inquiry.order_days', 'inquiry.language', 'review.days', 'review.window_days', 'notify.days',
                             'notify.delay_days', 'lifecycle.at_risk_days', 'lifecycle.lapsed_days',
                             'winback.window_days')
               AND CASE WHEN e.key = 'inquiry.language' THEN e.value IS NOT NULL
                        WHEN e.value ~ '^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?\s*$'
                        THEN e.value::numeric <@ momentum._setting_range(e.key)
                        ELSE false END
             ORDER BY e.key, e.brand DESC) s) v;
COMMENT ON VIEW momentum_state.inquiry_config IS 'The settings of inquiries and routine work, one row per brand, defaults filled in, and the brand''s running day.';
