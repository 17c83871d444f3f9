-- Mail and text messages.
CREATE OR REPLACE VIEW momentum.email WITH (security_barrier) AS
SELECT e.brand, e.day, e.day::timestamp AT TIME ZONE b.time_zone AS "time", e.source, e.kind, e.channel,
       nullif(e.object_id, '') AS object_id, g.name, b.currency,
       e.recipients::bigint AS recipients, e.delivered::bigint AS delivered, e.opens_unique::bigint AS opens,
       e.clicks_unique::bigint AS clicks, e.unsubscribes::bigint AS unsubscribes,
       e.spam_complaints::bigint AS spam_complaints, e.events::bigint AS events, e.revenue::numeric(18,2) AS revenue,
       (e.opens_unique / nullif(e.delivered, 0))::numeric(18,6) AS open_rate,
       (e.clicks_unique / nullif(e.delivered, 0))::numeric(18,6) AS click_rate,
       (e.unsubscribes / nullif(e.delivered, 0))::numeric(18,6) AS unsubscribe_rate, h.as_of
  FROM (SELECT d.brand, d.source, d.kind, d.day, d.channel, d.object_id, sum(d.recipients) AS recipients,
               sum(d.delivered) AS delivered, sum(d.opens_unique) AS opens_unique, sum(d.clicks_unique) AS clicks_unique,
               sum(d.unsubscribes) AS unsubscribes, sum(d.spam_complaints) AS spam_complaints,
               sum(d.events) AS events, sum(d.revenue) AS revenue
          FROM hub.email_daily d
         GROUP BY d.brand, d.source, d.kind, d.day, d.channel, d.object_id) e
  JOIN momentum_state.brand b ON b.brand = e.brand
  LEFT JOIN hub.email_messages g ON g.brand = e.brand AND g.source = e.source AND g.kind = e.kind AND g.object_id = e.object_id
  LEFT JOIN momentum_state.score h ON h.brand = e.brand AND h.back = 0
 WHERE momentum.may_see(e.brand);
COMMENT ON VIEW momentum.email IS 'Mail and text messages by day. The kinds overlap (the revenue of campaigns and flows is part of what is attributed): filter on one kind before summing.';
COMMENT ON COLUMN momentum.email.brand IS 'The brand.';
COMMENT ON COLUMN momentum.email.day IS 'attributed, list_joins, list_leaves: day of the event; campaign, flow: day of sending.';
COMMENT ON COLUMN momentum.email."time" IS 'Beginning of that day, for charts.';
COMMENT ON COLUMN momentum.email.source IS 'The source (foreign server).';
COMMENT ON COLUMN momentum.email.kind IS 'attributed, campaign, flow, list_joins, list_leaves.';
COMMENT ON COLUMN momentum.email.channel IS 'Channel the message went by.';
COMMENT ON COLUMN momentum.email.object_id IS 'Id of the campaign or flow.';
COMMENT ON COLUMN momentum.email.name IS 'Its name.';
COMMENT ON COLUMN momentum.email.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.email.recipients IS 'Recipients.';
COMMENT ON COLUMN momentum.email.delivered IS 'Messages delivered.';
COMMENT ON COLUMN momentum.email.opens IS 'Recipients who opened.';
COMMENT ON COLUMN momentum.email.clicks IS 'Recipients who clicked.';
COMMENT ON COLUMN momentum.email.unsubscribes IS 'Recipients who unsubscribed.';
COMMENT ON COLUMN momentum.email.spam_complaints IS 'Complaints of spam.';
COMMENT ON COLUMN momentum.email.events IS 'Orders (attributed), conversions (campaign, flow), joins or leaves.';
COMMENT ON COLUMN momentum.email.revenue IS 'Revenue the mail service credits to it.';
COMMENT ON COLUMN momentum.email.open_rate IS 'Opens per delivered message.';
COMMENT ON COLUMN momentum.email.click_rate IS 'Clicks per delivered message.';
COMMENT ON COLUMN momentum.email.unsubscribe_rate IS 'Unsubscribes per delivered message.';
COMMENT ON COLUMN momentum.email.as_of IS 'Newest complete day of the brand.';
