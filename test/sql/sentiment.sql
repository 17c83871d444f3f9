-- What a message feels like: momentum.sentiment(), from -5 to 5.
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;

-- Without the model there are no words to go by.
SELECT momentum.sentiment('good');
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('tea', 'Tea', 'UTC', 'USD'), ('milk', 'Milk', 'UTC', 'USD');

-- Words: praise above, blame below, nothing felt is 0.
CREATE FUNCTION felt(message text) RETURNS text LANGUAGE sql AS
$$ SELECT CASE WHEN s IS NULL THEN 'nothing to feel' WHEN s >= 2 THEN 'delighted' WHEN s > 0.3 THEN 'pleased'
               WHEN s >= -0.3 THEN 'neutral' WHEN s > -2 THEN 'displeased' ELSE 'furious' END
     FROM momentum.sentiment(message) s $$;
SELECT m AS message, felt(m) FROM unnest(ARRAY[
	'I love this shampoo, my dog is so soft and shiny',
	'Please send me the invoice for order 1234.',
	'Terrible. The bottle leaked and nobody answers.',
	'', '   ', '12345 67', '...!!!', NULL]) m;

-- It never leaves its scale.
SELECT momentum.sentiment(repeat('awful terrible disgusting! ', 2000)) BETWEEN -5 AND -4.9 AS lowest,
       momentum.sentiment(repeat('wonderful amazing perfect! ', 2000)) BETWEEN 4.9 AND 5 AS highest;

-- A negation turns what follows in its clause, and only that.
SELECT a, b, momentum.sentiment(a) < momentum.sentiment(b) AS "a below b" FROM (VALUES
	('it is not good', 'it is good'),
	('it isn''t good', 'it is good'),
	('it isn’t good', 'it is good'),
	('it is bad', 'it is not bad'),
	('the smell is not nice', 'not for me, the smell is nice'),
	('it never worked well', 'it worked well'),
	('I don''t recommend it', 'I recommend it')) AS v (a, b);

-- Intensifiers, dampeners, capitals, exclamation marks.
SELECT a, b, momentum.sentiment(a) > momentum.sentiment(b) AS "a above b" FROM (VALUES
	('it is very good', 'it is good'),
	('it is good', 'it is slightly good'),
	('it is GOOD stuff', 'it is good stuff'),
	('it is good!!!', 'it is good'),
	('it is bad', 'it is extremely bad'),
	('it is bad', 'it is bad!')) AS v (a, b);

-- A question says less than a statement; what comes after "but" counts more.
SELECT a, b, momentum.sentiment(a) > momentum.sentiment(b) AS "a above b" FROM (VALUES
	('it is good.', 'is it good?'),
	('the bottle was broken but the shampoo is wonderful', 'the shampoo is wonderful but the bottle was broken'),
	('It was expensive. But it is great.', 'It is great. But it was expensive.')) AS v (a, b);

-- Emoji with and without skin tones, emoticons; the same ten times is not ten
-- times as much.
SELECT m AS message, felt(m) FROM unnest(ARRAY['😍', '👍🏽', '❤️', '😡😡', 'my order :(', 'see you :)', 'love <3', '🛁']) m;
SELECT momentum.sentiment(repeat('😍', 10)) < 2 * momentum.sentiment('😍') AS bounded;

-- Thanks: for something, or mere manners, or after a complaint.
SELECT m AS message, felt(m) FROM unnest(ARRAY[
	'Thank you so much for the quick help!',
	'Could you tell me the size? Thanks in advance',
	'thanks, but it is broken',
	'it arrived broken, but you replaced it, thank you!',
	'it arrived broken, please have it replaced, thank you',
	'it arrived broken and was not replaced, thank you',
	'Thanks for nothing.',
	'Kind regards, Anna']) m;

-- What others wrote does not count, nor do signatures and HTML.
SELECT momentum.sentiment(E'Great, thanks!\n\nOn Mon, 1 June 2026, Anna <anna@example.com> wrote:\n> this is awful and terrible\n> really bad')
     = momentum.sentiment('Great, thanks!') AS quoted,
       momentum.sentiment(E'On Mon, 1 June 2026, Anna wrote:\n> this is awful\n\nGreat, thanks!')
     = momentum.sentiment('Great, thanks!') AS answered_below,
       momentum.sentiment(E'Great, thanks!\n-- \nThe Awful Terrible Company') = momentum.sentiment('Great, thanks!') AS signed,
       momentum.sentiment(E'Great, thanks!\n\nFrom: Shop\nSent: Monday\nSubject: your bad order') = momentum.sentiment('Great, thanks!') AS outlook,
       momentum.sentiment('<html><head><style>.awful{color:red}</style></head><body><p>Great,&nbsp;thanks!</p><blockquote>terrible</blockquote></body></html>')
     = momentum.sentiment('Great, thanks!') AS html,
       momentum.sentiment(E'> all of it\n> is quoted') AS nothing_own;

-- Links and addresses are no words.
SELECT felt('see https://bad.example/terrible/awful?x=hate or mail awful@terrible.example');

-- The lexicon is a table.  A brand's row wins over the default, for that brand.
INSERT INTO momentum_state.lexicon (brand, term, form, kind, weight) VALUES
	('tea', 'steeped', 'stem', 'score', 3), ('tea', 'love', 'stem', 'score', 0), ('tea', 'strong brew', 'phrase', 'score', 4),
	('tea', '🛁', 'emoji', 'score', -3);
SELECT b AS brand, round(momentum.sentiment('steeping', b)::numeric, 2) AS steeping, round(momentum.sentiment('I love tea', b)::numeric, 2) AS love,
       round(momentum.sentiment('strong brews', b)::numeric, 2) AS phrase, round(momentum.sentiment('🛁', b)::numeric, 2) AS emoji
  FROM unnest(ARRAY[NULL, 'tea', 'milk']) b;
SELECT momentum.sentiment('good', 'coffee');

-- Wrong rows are refused where they are written.
INSERT INTO momentum_state.lexicon (brand, term, form, kind, weight) VALUES ('', 'x', 'words', 'score', 1);
INSERT INTO momentum_state.lexicon (brand, term, form, kind, weight) VALUES ('', 'x', 'word', 'feeling', 1);
INSERT INTO momentum_state.lexicon (brand, term, form, kind, weight) VALUES ('', 'x', 'word', 'score', 'NaN');

-- An edit shows in the next statement, and a rollback takes it back.
SELECT momentum.sentiment('gloopy');
INSERT INTO momentum_state.lexicon (brand, term, form, kind, weight) VALUES ('', 'gloopy', 'word', 'score', -3);
SELECT round(momentum.sentiment('gloopy')::numeric, 2) AS inserted;
BEGIN;
UPDATE momentum_state.lexicon SET weight = 3 WHERE term = 'gloopy';
SELECT round(momentum.sentiment('gloopy')::numeric, 2) AS updated;
SAVEPOINT a;
DELETE FROM momentum_state.lexicon WHERE term = 'gloopy';
SELECT momentum.sentiment('gloopy') AS deleted;
ROLLBACK TO a;
SELECT round(momentum.sentiment('gloopy')::numeric, 2) AS deletion_rolled_back;
ROLLBACK;
SELECT round(momentum.sentiment('gloopy')::numeric, 2) AS all_rolled_back;
DO $$
DECLARE
	seen float8[];
BEGIN
	FOR w IN 1..3 LOOP
		UPDATE momentum_state.lexicon SET weight = w WHERE term = 'gloopy';
		seen := seen || round(momentum.sentiment('gloopy')::numeric, 2)::float8;
	END LOOP;
	RAISE WARNING 'within a function: %', seen;
END $$;

-- The text search configuration is a setting: "simple" knows no stems.
SELECT momentum.sentiment('loves') > 0 AS english;
UPDATE momentum_state.setting SET value = 'pg_catalog.simple' WHERE brand = '' AND key = 'triage.text_config';
SELECT momentum.sentiment('shinier') AS simple, momentum.sentiment('shiny') > 0 AS as_written;
UPDATE momentum_state.setting SET value = 'nothing' WHERE brand = '' AND key = 'triage.text_config';
SELECT momentum.sentiment('good');
UPDATE momentum_state.setting SET value = 'pg_catalog.english' WHERE brand = '' AND key = 'triage.text_config';

-- Any script, and what is no message.
SELECT m AS message, felt(m) FROM unnest(ARRAY['我的包裹在哪里？😡', 'شكرا جزيلا ❤️', 'ขอบคุณมากค่ะ', E'\u200f\u202esiht si doog', E'\ufffd\ufffd',
	'"unbalanced (quotes'' and <tags', '<b', '&#xD800; &#0; &#99999999; &amp', E'-- \n', '👩‍👩‍👧‍👦🏽', 'I LOVE THIS']) m;
SELECT round(momentum.sentiment(repeat('a', 100000))::numeric, 2) AS one_letter,
       momentum.sentiment(repeat('>', 100000)) AS quote_marks,
       round(momentum.sentiment(repeat('<a ', 1000000))::numeric, 2) AS open_tags,
       round(momentum.sentiment(repeat('<style>', 1000000))::numeric, 2) AS open_styles,
       round(momentum.sentiment(repeat('-x', 1000000) || ' http://' || repeat('/', 100000))::numeric, 2) AS hyphens,
       round(momentum.sentiment(repeat('😍', 100000))::numeric, 2) AS hearts;

-- Of a long message the first 65,536 bytes are read, in whole characters.
SELECT momentum.sentiment(repeat('x ', 32768) || 'terrible') AS behind,
       momentum.sentiment(repeat('x ', 32700) || 'terrible') < 0 AS before,
       momentum.sentiment('x' || repeat('é', 3000000)) AS inside_a_character;

-- A link too long to be one is cut between characters.
SELECT momentum.sentiment('http://' || repeat('é', 200) || ' terrible') < 0 AS accents,
       momentum.sentiment('www.' || repeat('😀', 100) || ' terrible') IS NOT NULL AS emoji,
       momentum.sentiment(repeat('見', 100) || 'a@b.example terrible') < 0 AS address;

-- The right to execute is enough, and is nobody's by default.
CREATE ROLE regress_triage;
GRANT USAGE ON SCHEMA momentum TO regress_triage;
SET ROLE regress_triage;
SELECT momentum.sentiment('good');
RESET ROLE;
GRANT EXECUTE ON FUNCTION momentum.sentiment(text, text) TO regress_triage;
SET ROLE regress_triage;
SELECT momentum.sentiment('good') > 0 AS allowed;
SELECT count(*) FROM momentum_state.lexicon;
RESET ROLE;
DROP OWNED BY regress_triage;
DROP ROLE regress_triage;
