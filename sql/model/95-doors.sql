-- The views that take rows by hand; after all tables.
DO $momentum_doors$ BEGIN PERFORM momentum._make_doors(); END $momentum_doors$;
