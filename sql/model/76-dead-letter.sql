-- What was refused and why, without what was in it.
CREATE OR REPLACE VIEW momentum.dead_letter WITH (security_barrier) AS
SELECT d.brand,
       d.id,
       d.source,
       d.feed,
       d.origin,
       d.line,
       CASE WHEN momentum.may_see_personal(d.brand) THEN d.reason ELSE momentum._mask_error(d.reason) END AS reason,
       d.sqlstate,
       d.attempts::bigint AS attempts,
       d.first_at,
       d.last_at,
       d.next_at,
       d.replayed_at,
       (d.replayed_at IS NULL)::text AS is_open,
       d.last_at AS as_of
  FROM momentum_state.dead_letter d
 WHERE momentum.may_see(d.brand);
COMMENT ON VIEW momentum.dead_letter IS 'Rows that the hub refused, with the reason and without their content. momentum.replay() tries them again.';
COMMENT ON COLUMN momentum.dead_letter.brand IS 'The brand; '''' when the row named none that exists.';
COMMENT ON COLUMN momentum.dead_letter.id IS 'Number of the letter, for momentum.replay().';
COMMENT ON COLUMN momentum.dead_letter.source IS 'The source it came from.';
COMMENT ON COLUMN momentum.dead_letter.feed IS 'The hub table it was for.';
COMMENT ON COLUMN momentum.dead_letter.origin IS 'sync, door (a file by hand), queue (a webhook), work (routine of the hub).';
COMMENT ON COLUMN momentum.dead_letter.line IS 'Line of the file it stood on.';
COMMENT ON COLUMN momentum.dead_letter.reason IS 'Why it was refused, the last time it was tried; what it quotes of the row is left out for those who may not see personal data.';
COMMENT ON COLUMN momentum.dead_letter.sqlstate IS 'SQLSTATE of that.';
COMMENT ON COLUMN momentum.dead_letter.attempts IS 'How often it was tried.';
COMMENT ON COLUMN momentum.dead_letter.first_at IS 'When it was first refused.';
COMMENT ON COLUMN momentum.dead_letter.last_at IS 'When it was last tried.';
COMMENT ON COLUMN momentum.dead_letter.next_at IS 'When the refresh tries it again by itself; NULL: only a person can mend it.';
COMMENT ON COLUMN momentum.dead_letter.replayed_at IS 'When it was stored after all, or overtaken by a newer state of the same row.';
COMMENT ON COLUMN momentum.dead_letter.is_open IS 'true while it waits, false once it was replayed.';
COMMENT ON COLUMN momentum.dead_letter.as_of IS 'When it was last tried.';
