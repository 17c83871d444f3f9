-- Who did what.
CREATE OR REPLACE VIEW momentum.audit WITH (security_barrier) AS
SELECT a.audit_id, a.brand, a.at, a.who::text AS who, a.as_role::text AS as_role, a.action, a.detail::text AS detail, h.as_of
  FROM momentum_state.audit a
  LEFT JOIN momentum_state.score h ON h.brand = a.brand AND h.back = 0
 WHERE CASE WHEN a.brand IS NULL THEN (SELECT momentum._may_own()) ELSE momentum.may_see(a.brand) END;
COMMENT ON VIEW momentum.audit IS 'Who changed what and when: brands, sources, targets, settings, secrets, access, personal data. What concerns all brands is for owners.';
COMMENT ON COLUMN momentum.audit.audit_id IS 'Number of the row; a number may be missing.';
COMMENT ON COLUMN momentum.audit.brand IS 'The brand; NULL: none, or all of them.';
COMMENT ON COLUMN momentum.audit.at IS 'When.';
COMMENT ON COLUMN momentum.audit.who IS 'Who had logged in.';
COMMENT ON COLUMN momentum.audit.as_role IS 'The role taken on by SET ROLE, or the same.';
COMMENT ON COLUMN momentum.audit.action IS 'What was done: the name of the function.';
COMMENT ON COLUMN momentum.audit.detail IS 'What it was done to: names and ids, never a secret nor a person.';
COMMENT ON COLUMN momentum.audit.as_of IS 'Newest complete day of the brand.';
