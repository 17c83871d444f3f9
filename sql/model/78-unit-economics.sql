-- What a new customer brings, may cost and costs.
CREATE OR REPLACE VIEW momentum.unit_economics WITH (security_barrier) AS
SELECT i.brand, i.as_of, b.currency, i.first_margin::numeric(18,2) AS first_order_margin, i.repeat_margin::numeric(18,2) AS repeat_margin,
       i.profit_share::numeric(9,6) AS profit_share,
       ((i.first_margin + coalesce(i.repeat_margin, 0)) * (1 - i.profit_share))::numeric(18,2) AS allowable_cac,
       i.cac_target::numeric(18,2) AS cac_target, i.cac_actual::numeric(18,2) AS cac_actual,
       i.marginal_cac::numeric(18,2) AS marginal_cac, i.beta::numeric(18,6) AS elasticity, i.beta_se::numeric(18,6) AS elasticity_error,
       CASE WHEN i.marginal_cac IS NULL THEN coalesce(i.marginal_cac_reason, 'no_data') END AS marginal_cac_reason,
       i.spend_per_day::numeric(18,2) AS spend_per_day, i.affordable_extra::numeric(18,2) AS affordable_extra_per_day,
       i.payback_days::bigint AS payback_days,
       CASE WHEN i.first_margin IS NULL THEN 'The margin of a first order is not known: set margin.first_order, or load the costs.'
            ELSE 'A new customer brings ' || momentum._split_figure(i.first_margin + coalesce(i.repeat_margin, 0), 'money')
                 || ' and may cost ' || momentum._split_figure((i.first_margin + coalesce(i.repeat_margin, 0)) * (1 - i.profit_share), 'money')
                 || coalesce('; one costs ' || momentum._split_figure(i.cac_actual, 'money') || ' on average', '')
                 || coalesce(', the next ' || momentum._split_figure(i.marginal_cac, 'money'), '') || '.'
                 || coalesce(' Cash allows ' || momentum._split_figure(i.affordable_extra, 'money') || ' a day of extra spend.', '') END AS explanation
  FROM momentum_state.decision_input i
  JOIN momentum_state.brand b ON b.brand = i.brand
 WHERE momentum.may_see(i.brand);
COMMENT ON VIEW momentum.unit_economics IS 'What a new customer brings, may cost and costs, and what more ads the cash allows; one row per brand. NULL is not known.';
COMMENT ON COLUMN momentum.unit_economics.brand IS 'The brand.';
COMMENT ON COLUMN momentum.unit_economics.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.unit_economics.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.unit_economics.first_order_margin IS 'Contribution margin of a first order before ads: the setting margin.first_order, else order value times margin share.';
COMMENT ON COLUMN momentum.unit_economics.repeat_margin IS 'Margin of repeat orders inside the payback window, the setting margin.repeat.';
COMMENT ON COLUMN momentum.unit_economics.profit_share IS 'Share of the margin that is to stay as profit, the setting profit.share.';
COMMENT ON COLUMN momentum.unit_economics.allowable_cac IS '(first_order_margin + repeat_margin) * (1 - profit_share).';
COMMENT ON COLUMN momentum.unit_economics.cac_target IS 'The target in force.';
COMMENT ON COLUMN momentum.unit_economics.cac_actual IS 'Ad spend per new customer of 30 days.';
COMMENT ON COLUMN momentum.unit_economics.marginal_cac IS 'What one more customer costs: spend per new customer of 4 weeks over elasticity; NULL when that is not to be trusted (see marginal_cac_reason).';
COMMENT ON COLUMN momentum.unit_economics.elasticity IS 'By how many per cent new customers rise with 1 % more spend, over 13 weeks.';
COMMENT ON COLUMN momentum.unit_economics.elasticity_error IS 'Its standard error.';
COMMENT ON COLUMN momentum.unit_economics.marginal_cac_reason IS 'Why there is no marginal CAC: too_few_weeks, no_spend_spread, nonpositive_beta, not_significant, no_recent_customers, no_recent_spend, no_data.';
COMMENT ON COLUMN momentum.unit_economics.spend_per_day IS 'Ad spend per day of the last 30.';
COMMENT ON COLUMN momentum.unit_economics.affordable_extra_per_day IS 'Extra ad spend per day that keeps the cash path above the floor until the money comes back; NULL without a cash path.';
COMMENT ON COLUMN momentum.unit_economics.payback_days IS 'Days until the money of an ad comes back, the setting payback.days; where the next customer costs more than a first order brings, the whole cash path counts instead.';
COMMENT ON COLUMN momentum.unit_economics.explanation IS 'The same in one or two sentences.';
