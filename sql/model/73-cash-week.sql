-- Thirteen weeks of cash by the direct method, and what stands behind them.
--
-- Amounts are rounded to cents; what the cents of a week's lines then miss of
-- the change between its balances goes to its largest line.
CREATE OR REPLACE VIEW momentum.cash_week WITH (security_barrier) AS
WITH week AS MATERIALIZED (
    SELECT p.brand, (p.n - 1) / 7 + 1 AS week, min(p.day) AS first_day, max(p.day) AS last_day, max(p.n) AS last_n
      FROM momentum_state.cash_path p
     WHERE p.back = 0 AND p.n BETWEEN 1 AND 91
     GROUP BY p.brand, (p.n - 1) / 7 + 1
), balance AS MATERIALIZED (
    SELECT w.brand, w.week, w.first_day, w.last_day, o.working_capital::numeric(18,2) AS opening, c.working_capital::numeric(18,2) AS closing,
           c.p10, c.p90, c.day - c.n AS as_of
      FROM week w
      JOIN momentum_state.cash_path o ON o.brand = w.brand AND o.back = 0 AND o.n = (w.week - 1) * 7
      JOIN momentum_state.cash_path c ON c.brand = w.brand AND c.back = 0 AND c.n = w.last_n
), line AS (
    SELECT x.brand, x.week, x.kind, x.part, round(x.amount::numeric, 2) AS amount,
           row_number() OVER (PARTITION BY x.brand, x.week ORDER BY abs(x.amount) DESC, x.kind, x.part) AS size
      FROM (SELECT p.brand, (p.n - 1) / 7 + 1 AS week, split_part(e.key, '/', 1) AS kind, split_part(e.key, '/', 2) AS part,
                   CASE WHEN e.key LIKE 'in/%' THEN 1 ELSE -1 END * sum(e.value::double precision ORDER BY p.n) AS amount
              FROM momentum_state.cash_path p
             CROSS JOIN LATERAL jsonb_each_text(p.parts) e
             WHERE p.back = 0 AND p.n BETWEEN 1 AND 91
             GROUP BY p.brand, (p.n - 1) / 7 + 1, e.key) x
), rest AS (
    SELECT l.brand, l.week, sum(l.amount) AS lines FROM line l GROUP BY l.brand, l.week
)
SELECT x.brand, x.week::bigint AS week, x.first_day, x.last_day,
       row_number() OVER (PARTITION BY x.brand, x.week ORDER BY x.kind_place, abs(x.amount) DESC, x.part)::bigint AS place,
       x.kind, x.part AS line, c.currency, x.amount::numeric(18,2) AS amount, x.p10::numeric(18,2) AS p10, x.p90::numeric(18,2) AS p90, x.as_of
  FROM (
    SELECT b.brand, b.week, b.first_day, b.last_day, b.as_of, 1 AS kind_place, 'opening' AS kind, 'opening balance' AS part, b.opening AS amount,
           NULL::double precision AS p10, NULL::double precision AS p90
      FROM balance b
    UNION ALL
    SELECT b.brand, b.week, b.first_day, b.last_day, b.as_of, CASE l.kind WHEN 'in' THEN 2 WHEN 'cost' THEN 3 ELSE 4 END, l.kind, l.part,
           l.amount + CASE WHEN l.size = 1 THEN b.closing - b.opening - r.lines ELSE 0 END, NULL, NULL
      FROM balance b
      JOIN line l ON l.brand = b.brand AND l.week = b.week
      JOIN rest r ON r.brand = b.brand AND r.week = b.week
    UNION ALL
    SELECT b.brand, b.week, b.first_day, b.last_day, b.as_of, 5, 'closing', 'closing balance', b.closing, b.p10, b.p90
      FROM balance b) x
  JOIN momentum_state.brand c ON c.brand = x.brand
 WHERE momentum.may_see(x.brand);
COMMENT ON VIEW momentum.cash_week IS 'Thirteen weeks of cash ahead by the direct method: per week the opening balance, money in, costs and loan service by what they are for, and the closing balance, to which the rows above it add up to the cent. A brand without a balance has no rows.';
COMMENT ON COLUMN momentum.cash_week.brand IS 'The brand.';
COMMENT ON COLUMN momentum.cash_week.week IS '1 begins on the day after as_of. The path ends after 90 days, so week 13 has 6 days unless the setting cash.horizon is at least 91.';
COMMENT ON COLUMN momentum.cash_week.first_day IS 'First day of the week.';
COMMENT ON COLUMN momentum.cash_week.last_day IS 'Last day of the week.';
COMMENT ON COLUMN momentum.cash_week.place IS 'Order of the rows of a week.';
COMMENT ON COLUMN momentum.cash_week.kind IS 'opening, in, cost, loan, closing.';
COMMENT ON COLUMN momentum.cash_week.line IS 'What the money is for, by momentum_state.cash_part: shop, retail, marketplace, financing, ...; ads, stock, payroll, shipping, ...; repayment, interest, principal; other.';
COMMENT ON COLUMN momentum.cash_week.currency IS 'Currency of the money.';
COMMENT ON COLUMN momentum.cash_week.amount IS 'Money; costs and loan service are negative.';
COMMENT ON COLUMN momentum.cash_week.p10 IS 'Of the closing balance: it is below this with 10 % probability; NULL without bands (see cash_path.p10).';
COMMENT ON COLUMN momentum.cash_week.p90 IS 'The same with 90 %.';
COMMENT ON COLUMN momentum.cash_week.as_of IS 'Newest complete day of the brand.';

-- What customers owe and what is owed to vendors, by age, as the books say.
CREATE OR REPLACE VIEW momentum_state.open_document AS
SELECT f.brand, f.kind, r.read_on AS as_of, f.source, f.item AS document, f.period AS due_day, f.day AS expected_day,
       b.currency, f.amount::numeric(18,2) AS amount, greatest(r.read_on - f.period, 0)::bigint AS days_overdue,
       CASE WHEN f.period >= r.read_on THEN 'not due' WHEN r.read_on - f.period <= 30 THEN '1-30'
            WHEN r.read_on - f.period <= 60 THEN '31-60' WHEN r.read_on - f.period <= 90 THEN '61-90' ELSE 'over 90' END AS age
  FROM hub.cash_flow f
  JOIN momentum_state.brand b ON b.brand = f.brand
  JOIN (SELECT s.brand, s.source, max(s.complete_through) + 1 AS read_on
          FROM momentum_state.stream s WHERE s.loader = 'books' GROUP BY s.brand, s.source) r ON r.brand = f.brand AND r.source = f.source
 WHERE f.origin <> 'sheet' AND f.amount <> 0;
COMMENT ON VIEW momentum_state.open_document IS 'Invoices (in) and bills (cost) that the books have open, with their age on the day the books were read.';

CREATE OR REPLACE VIEW momentum.receivable WITH (security_barrier) AS
SELECT d.brand, d.as_of, d.source, d.document, d.due_day, d.expected_day, d.currency, d.amount, d.days_overdue, d.age
  FROM momentum_state.open_document d
 WHERE d.kind = 'in' AND momentum.may_see(d.brand);
COMMENT ON VIEW momentum.receivable IS 'Open invoices of the books by age. A brand without books has no rows: what it is owed is not known.';
COMMENT ON COLUMN momentum.receivable.brand IS 'The brand.';
COMMENT ON COLUMN momentum.receivable.as_of IS 'The day the books were read.';
COMMENT ON COLUMN momentum.receivable.source IS 'The source (foreign server).';
COMMENT ON COLUMN momentum.receivable.document IS 'Number of the invoice, and the customer.';
COMMENT ON COLUMN momentum.receivable.due_day IS 'Due by its terms.';
COMMENT ON COLUMN momentum.receivable.expected_day IS 'When the cash path expects the money: later by what this customer usually takes, not before as_of.';
COMMENT ON COLUMN momentum.receivable.currency IS 'Currency of the money.';
COMMENT ON COLUMN momentum.receivable.amount IS 'What is open of it.';
COMMENT ON COLUMN momentum.receivable.days_overdue IS 'Days from due_day to as_of; 0 when not due yet.';
COMMENT ON COLUMN momentum.receivable.age IS 'not due, 1-30, 31-60, 61-90, over 90 days overdue.';

CREATE OR REPLACE VIEW momentum.payable WITH (security_barrier) AS
SELECT d.brand, d.as_of, d.source, d.document, d.due_day, d.expected_day, d.currency, d.amount, d.days_overdue, d.age
  FROM momentum_state.open_document d
 WHERE d.kind = 'cost' AND momentum.may_see(d.brand);
COMMENT ON VIEW momentum.payable IS 'Open bills of the books by age. A brand without books has no rows.';
COMMENT ON COLUMN momentum.payable.brand IS 'The brand.';
COMMENT ON COLUMN momentum.payable.as_of IS 'The day the books were read.';
COMMENT ON COLUMN momentum.payable.source IS 'The source (foreign server).';
COMMENT ON COLUMN momentum.payable.document IS 'Number of the bill, and the vendor.';
COMMENT ON COLUMN momentum.payable.due_day IS 'Due by its terms.';
COMMENT ON COLUMN momentum.payable.expected_day IS 'When the cash path pays it: when due, not before as_of.';
COMMENT ON COLUMN momentum.payable.currency IS 'Currency of the money.';
COMMENT ON COLUMN momentum.payable.amount IS 'What is open of it.';
COMMENT ON COLUMN momentum.payable.days_overdue IS 'Days from due_day to as_of; 0 when not due yet.';
COMMENT ON COLUMN momentum.payable.age IS 'not due, 1-30, 31-60, 61-90, over 90 days overdue.';

-- Loan service of the sheet's lines; what goes on at an average behind the
-- end of a tab is in the path, but is no payment that anybody agreed on.
CREATE OR REPLACE VIEW momentum.loan WITH (security_barrier) AS
SELECT x.brand, x.as_of, x.due_day, x.source, x.item AS loan, x.part, b.currency, x.amount::numeric(18,2) AS amount,
       (m.loan / nullif(m.inflow, 0))::numeric(18,6) AS share_of_inflow, p.working_capital::numeric(18,2) AS working_capital,
       round(m.lowest::numeric, 2) >= coalesce(c.cash_floor, 0)::numeric AS is_covered, (1 - p.p_breach)::numeric(9,6) AS p_covered
  FROM (SELECT f.brand, h.as_of, f.source, f.item, w.part, max(f.day) AS due_day, sum(f.amount) AS amount
          FROM momentum_state.horizon h
          JOIN hub.cash_flow f ON f.brand = h.brand AND f.kind = 'loan' AND f.day > h.as_of
         CROSS JOIN LATERAL (
            SELECT coalesce((SELECT q.part FROM momentum_state.cash_part q
                              WHERE q.brand IN (f.brand, '') AND q.kind = 'loan' AND f.channel || ' ' || f.item ~* q.pattern
                              ORDER BY q.brand DESC, q.priority, q.pattern LIMIT 1), 'other') AS part) w
         WHERE h.back = 0
         GROUP BY f.brand, h.as_of, f.source, f.tab, f.row_number, f.item, f.period, w.part) x
  JOIN momentum_state.brand b ON b.brand = x.brand
  JOIN momentum_state.config c ON c.brand = x.brand
  LEFT JOIN momentum_state.cash_path p ON p.brand = x.brand AND p.back = 0 AND p.n = x.due_day - x.as_of
 CROSS JOIN LATERAL (
    SELECT sum(q.loan) FILTER (WHERE t.same) AS loan, min(q.working_capital) FILTER (WHERE q.n <= p.n) AS lowest,
           sum(q.inflow - coalesce((q.parts ->> 'in/financing')::double precision, 0)) FILTER (WHERE t.same) AS inflow
      FROM momentum_state.cash_path q
     CROSS JOIN LATERAL (SELECT q.n > 0 AND (q.n - 1) / 30 = (p.n - 1) / 30 AS same) t
     WHERE q.brand = x.brand AND q.back = 0) m
 WHERE x.amount <> 0 AND momentum.may_see(x.brand);
COMMENT ON VIEW momentum.loan IS 'Loan service ahead, payment by payment, as the cash sheet plans it, and whether the money is there.';
COMMENT ON COLUMN momentum.loan.brand IS 'The brand.';
COMMENT ON COLUMN momentum.loan.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.loan.due_day IS 'When it is paid.';
COMMENT ON COLUMN momentum.loan.source IS 'The source (foreign server).';
COMMENT ON COLUMN momentum.loan.loan IS 'The sheet''s line.';
COMMENT ON COLUMN momentum.loan.part IS 'interest, principal, or repayment where the line does not tell the two apart.';
COMMENT ON COLUMN momentum.loan.currency IS 'Currency of the money.';
COMMENT ON COLUMN momentum.loan.amount IS 'Money to pay.';
COMMENT ON COLUMN momentum.loan.share_of_inflow IS 'All loan service of the same 30 days of the path (1 to 30, 31 to 60, ...) over the money that comes in, without financing; NULL behind the end of the path.';
COMMENT ON COLUMN momentum.loan.working_capital IS 'Working capital at the end of that day, the payment made; NULL behind the end of the path.';
COMMENT ON COLUMN momentum.loan.is_covered IS 'True when working capital has not been below the floor by then; NULL behind the end of the path.';
COMMENT ON COLUMN momentum.loan.p_covered IS 'Probability of that; NULL without bands.';
