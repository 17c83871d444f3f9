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

CREATE OR REPLACE VIEW momentum.email_message WITH (security_barrier) AS
SELECT e.brand, e.as_of, e.source, e.kind, e.object_id, g.name, g.status, e.channel, b.currency, e.first_day, e.last_day,
       e.days_known, e.recipients::bigint AS recipients, e.delivered::bigint AS delivered, e.opens::bigint AS opens,
       e.clicks::bigint AS clicks, e.unsubscribes::bigint AS unsubscribes, e.conversions::bigint AS conversions,
       e.revenue::numeric(18,2) AS revenue,
       (e.revenue / nullif(sum(e.revenue) OVER w, 0))::numeric(18,6) AS revenue_share,
       (e.revenue / nullif(e.recipients, 0))::numeric(18,6) AS revenue_per_recipient,
       (e.opens / nullif(e.delivered, 0))::numeric(18,6) AS open_rate,
       (e.clicks / nullif(e.delivered, 0))::numeric(18,6) AS click_rate,
       (e.conversions / nullif(e.recipients, 0))::numeric(18,6) AS conversion_rate,
       (e.unsubscribes / nullif(e.delivered, 0))::numeric(18,6) AS unsubscribe_rate
  FROM (SELECT d.brand, s.as_of, d.source, d.kind, d.object_id, d.channel, s.days_known,
               min(d.day) AS first_day, max(d.day) AS last_day, sum(d.recipients) AS recipients, sum(d.delivered) AS delivered,
               sum(d.opens_unique) AS opens, sum(d.clicks_unique) AS clicks, sum(d.unsubscribes) AS unsubscribes,
               sum(d.events) AS conversions, sum(d.revenue) AS revenue
          FROM (SELECT t.brand, t.source, CASE t.loader WHEN 'campaign_values' THEN 'campaign' ELSE 'flow' END AS kind,
                       t.complete_through AS as_of, least(28, t.complete_through - t.first_day + 1)::bigint AS days_known
                  FROM momentum_state.stream t WHERE t.loader IN ('campaign_values', 'flow_values')) s
          JOIN hub.email_daily d ON d.brand = s.brand AND d.source = s.source AND d.kind = s.kind
           AND d.day > s.as_of - 28 AND d.day <= s.as_of
         GROUP BY d.brand, s.as_of, d.source, d.kind, d.object_id, d.channel, s.days_known) e
  JOIN momentum_state.brand b ON b.brand = e.brand
  LEFT JOIN hub.email_messages g ON g.brand = e.brand AND g.source = e.source AND g.kind = e.kind AND g.object_id = e.object_id
 WHERE momentum.may_see(e.brand)
WINDOW w AS (PARTITION BY e.brand, e.kind);
COMMENT ON VIEW momentum.email_message IS 'Every campaign and flow of the last 28 complete days by name. Campaigns and flows are parts of what mail brought; they do not overlap with each other.';
COMMENT ON COLUMN momentum.email_message.brand IS 'The brand.';
COMMENT ON COLUMN momentum.email_message.as_of IS 'Last of the days: the newest complete one of its reports.';
COMMENT ON COLUMN momentum.email_message.source IS 'The source (foreign server).';
COMMENT ON COLUMN momentum.email_message.kind IS 'campaign or flow.';
COMMENT ON COLUMN momentum.email_message.object_id IS 'Id of the campaign or flow.';
COMMENT ON COLUMN momentum.email_message.name IS 'Its name.';
COMMENT ON COLUMN momentum.email_message.status IS 'Its status, as the service says.';
COMMENT ON COLUMN momentum.email_message.channel IS 'Channel the messages went by.';
COMMENT ON COLUMN momentum.email_message.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.email_message.first_day IS 'First day of sending within the days.';
COMMENT ON COLUMN momentum.email_message.last_day IS 'Last day of sending within the days.';
COMMENT ON COLUMN momentum.email_message.days_known IS 'How many of the 28 days the reports reach back: they come slowly at first.';
COMMENT ON COLUMN momentum.email_message.recipients IS 'Recipients.';
COMMENT ON COLUMN momentum.email_message.delivered IS 'Messages delivered.';
COMMENT ON COLUMN momentum.email_message.opens IS 'Recipients who opened.';
COMMENT ON COLUMN momentum.email_message.clicks IS 'Recipients who clicked.';
COMMENT ON COLUMN momentum.email_message.unsubscribes IS 'Recipients who unsubscribed.';
COMMENT ON COLUMN momentum.email_message.conversions IS 'Orders the service credits to it.';
COMMENT ON COLUMN momentum.email_message.revenue IS 'Their value, by send day.';
COMMENT ON COLUMN momentum.email_message.revenue_share IS 'Its share of the revenue of all campaigns, or of all flows.';
COMMENT ON COLUMN momentum.email_message.revenue_per_recipient IS 'Revenue per recipient.';
COMMENT ON COLUMN momentum.email_message.open_rate IS 'Opens per delivered message.';
COMMENT ON COLUMN momentum.email_message.click_rate IS 'Clicks per delivered message.';
COMMENT ON COLUMN momentum.email_message.conversion_rate IS 'Conversions per recipient.';
COMMENT ON COLUMN momentum.email_message.unsubscribe_rate IS 'Unsubscribes per delivered message.';

-- Days are those of email_revenue; a sum of the 28 days is told once all of
-- them are known.
CREATE OR REPLACE VIEW momentum.email_summary WITH (security_barrier) AS
SELECT n.brand, n.newest AS as_of, b.currency, x.email_revenue::numeric(18,2) AS email_revenue,
       x.email_revenue_before::numeric(18,2) AS email_revenue_before,
       (r.share)::numeric(18,6) AS revenue_share, (r.share_before)::numeric(18,6) AS revenue_share_before,
       x.flow_revenue::numeric(18,2) AS flow_revenue, x.campaign_revenue::numeric(18,2) AS campaign_revenue,
       x.joins::bigint AS list_joins, x.leaves::bigint AS list_leaves, (x.joins - x.leaves)::bigint AS list_growth,
       (x.joins_before - x.leaves_before)::bigint AS list_growth_before
  FROM (SELECT s.brand, max(q.day) AS newest
          FROM momentum_state.score s
          JOIN momentum_state.metric_daily q
            ON q.brand = s.brand AND q.metric = 'email_revenue' AND q.day > s.as_of - 28 AND q.day <= s.as_of
         WHERE s.back = 0
         GROUP BY s.brand) n
  JOIN momentum_state.brand b ON b.brand = n.brand
 CROSS JOIN LATERAL (
    SELECT sum(q.value) FILTER (WHERE q.metric = 'email_revenue' AND NOT q.earlier) AS email_revenue,
           sum(q.value) FILTER (WHERE q.metric = 'email_revenue' AND q.earlier) AS email_revenue_before,
           sum(q.value) FILTER (WHERE q.metric = 'flow_revenue' AND NOT q.earlier) AS flow_revenue,
           sum(q.value) FILTER (WHERE q.metric = 'campaign_revenue' AND NOT q.earlier) AS campaign_revenue,
           sum(q.value) FILTER (WHERE q.metric = 'list_joins' AND NOT q.earlier) AS joins,
           sum(q.value) FILTER (WHERE q.metric = 'list_leaves' AND NOT q.earlier) AS leaves,
           sum(q.value) FILTER (WHERE q.metric = 'list_joins' AND q.earlier) AS joins_before,
           sum(q.value) FILTER (WHERE q.metric = 'list_leaves' AND q.earlier) AS leaves_before
      FROM (SELECT d.metric, d.day <= n.newest - 28 AS earlier, sum(d.value) AS value
              FROM momentum_state.metric_daily d
             WHERE d.brand = n.brand AND d.day > n.newest - 56 AND d.day <= n.newest
               AND d.metric IN ('email_revenue', 'flow_revenue', 'campaign_revenue', 'list_joins', 'list_leaves')
             GROUP BY d.metric, d.day <= n.newest - 28
            HAVING count(DISTINCT d.day) = 28) q) x
 CROSS JOIN LATERAL (
    SELECT sum(q.numerator) FILTER (WHERE q.day > n.newest - 28) / nullif(sum(q.denominator) FILTER (WHERE q.day > n.newest - 28), 0) AS share,
           sum(q.numerator) FILTER (WHERE q.day <= n.newest - 28) / nullif(sum(q.denominator) FILTER (WHERE q.day <= n.newest - 28), 0) AS share_before
      FROM momentum_state.ratio_day q
     WHERE q.brand = n.brand AND q.metric = 'email_revenue_share' AND q.channel = 'all'
       AND q.day > n.newest - 56 AND q.day <= n.newest) r
 WHERE momentum.may_see(n.brand);
COMMENT ON VIEW momentum.email_summary IS 'What mail brings: the last 28 days against the 28 before, one row per brand.';
COMMENT ON COLUMN momentum.email_summary.brand IS 'The brand.';
COMMENT ON COLUMN momentum.email_summary.as_of IS 'Last of the 28 days: the newest on which mail revenue is known.';
COMMENT ON COLUMN momentum.email_summary.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.email_summary.email_revenue IS 'Revenue the mail service credits to messages, by event time; NULL, as every sum here, unless all 28 days are known.';
COMMENT ON COLUMN momentum.email_summary.email_revenue_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.email_summary.revenue_share IS 'Mail revenue per net revenue, of the days on which both are known.';
COMMENT ON COLUMN momentum.email_summary.revenue_share_before IS 'The same of the 28 days before.';
COMMENT ON COLUMN momentum.email_summary.flow_revenue IS 'Revenue of flows, by send day: it differs from email_revenue, which counts by the day of the order.';
COMMENT ON COLUMN momentum.email_summary.campaign_revenue IS 'Revenue of campaigns, by send day.';
COMMENT ON COLUMN momentum.email_summary.list_joins IS 'Subscriptions to lists.';
COMMENT ON COLUMN momentum.email_summary.list_leaves IS 'Unsubscriptions.';
COMMENT ON COLUMN momentum.email_summary.list_growth IS 'Joins less leaves.';
COMMENT ON COLUMN momentum.email_summary.list_growth_before IS 'The same of the 28 days before.';
