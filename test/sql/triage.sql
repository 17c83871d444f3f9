-- What a message is about and how urgent it is: momentum.triage().
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('tea', 'Tea', 'UTC', 'USD'), ('milk', 'Milk', 'UTC', 'USD');

-- A shop's mail.
SELECT m AS message, t.category, t.urgency FROM unnest(ARRAY[
	'Where is my order? It should have been here on Monday.',
	'Do you ship to Canada?',
	'Please change the address of my order, it is the wrong one',
	'I want to return the brush and get a refund',
	'Please cancel my order',
	'The bottle arrived broken and the shampoo leaked everywhere',
	'My dog got a rash after the bath',
	'I was charged twice, I will call my lawyer and open a chargeback',
	'It arrived broken, but you replaced it, thank you!',
	'What are the ingredients? Is it safe for puppies?',
	'When is the conditioner back in stock?',
	'Do you offer wholesale pricing?',
	'My discount code does not work',
	'We love your shampoo, thank you so much!',
	'Where is my order? No rush at all.',
	'I need it by Friday for the wedding this weekend, where is my order?',
	'This is my third email and nobody answers']) m, momentum.triage(NULL, m) t;

-- Subject and body are one message; either may be missing.
SELECT t.* FROM (VALUES ('Refund', NULL), ('Refund', ''), (NULL, 'Refund'), ('', 'Refund')) AS v (s, b), momentum.triage(s, b) t;

-- The rule says why.
SELECT (momentum.triage('Order 1234', 'Hi, where is my order? It has been three weeks.')).rule;
SELECT (momentum.triage(NULL, 'She had an allergic reaction')).rule;

-- Never NULL: without words it is the default, at no confidence.
SELECT t.* FROM (VALUES (NULL, NULL), ('', ''), ('...', '123'), (NULL, '🐶'), (NULL, E'> quoted\n> only')) AS v (s, b), momentum.triage(s, b) t;
-- Of words it does not know it knows no more than chance.
SELECT t.* FROM momentum.triage(NULL, '我的包裹在哪里') t;

-- What others wrote does not count.
SELECT t.category FROM momentum.triage('Re: your refund', E'Do you ship to Canada?\n\nOn Mon, Shop wrote:\n> your refund is on its way, return the broken bottle') t;

-- The feeling is sentiment()'s, of subject and body.
SELECT t.sentiment = momentum.sentiment('Terrible service.') AS same FROM momentum.triage(NULL, 'Terrible service.') t;

-- Confidence is a probability.
SELECT bool_and(t.confidence BETWEEN 0 AND 1) AS ok FROM unnest(ARRAY['refund', 'where is my refund', 'ship it', 'a b c', 'wholesale', '']) m, momentum.triage(NULL, m) t;

-- Rules and weights are tables.  A new category takes rows, and nothing else.
INSERT INTO hub.inquiry_categories (category, position) VALUES ('Recipes', 6);
INSERT INTO momentum_state.triage_rule (brand, rule, category, weight, priority, pattern)
VALUES ('tea', 'recipe', 'Recipes', 4, 10, 'recipe | how <-> long <2> steep');
SELECT b AS brand, t.category, t.rule FROM unnest(ARRAY[NULL, 'tea', 'milk']) b, momentum.triage(NULL, 'How long to steep it?', b) t;
INSERT INTO momentum_state.triage_weight (brand, term, category, weight) VALUES ('tea', 'iced tea', 'Recipes', 6);
SELECT b AS brand, t.category, t.rule FROM unnest(ARRAY[NULL, 'tea']) b, momentum.triage(NULL, 'iced teas', b) t;

-- A brand's rule takes the place of the default of its name, or switches it off.
INSERT INTO momentum_state.triage_rule (brand, rule, urgency, priority, pattern, active)
VALUES ('tea', 'health', 'Low', 30, 'rash', true), ('milk', 'health', 'Urgent', 30, 'rash', false);
SELECT b AS brand, t.urgency, t.rule FROM unnest(ARRAY[NULL, 'tea', 'milk']) b, momentum.triage(NULL, 'My dog has a rash', b) t;
-- Among the rules of a priority the most urgent one counts, as the list of urgencies says.
INSERT INTO hub.inquiry_urgencies (urgency, position) VALUES ('Now', 5);
INSERT INTO momentum_state.triage_rule (brand, rule, urgency, priority, pattern) VALUES ('', 'kettle', 'Now', 30, 'kettle & fire');
SELECT t.urgency, t.rule FROM momentum.triage(NULL, 'The kettle is on fire and I have a rash, call my lawyer') t;
-- Urgency may hang on the category and on the feeling.
INSERT INTO momentum_state.triage_rule (brand, rule, urgency, priority, when_category, sentiment_below)
VALUES ('tea', 'sour_return', 'Urgent', 50, 'Returns', -2);
SELECT m AS message, t.urgency FROM unnest(ARRAY['I want a refund', 'I want a refund, this is terrible', 'this is terrible']) m, momentum.triage(NULL, m, 'tea') t;

-- The defaults are settings.
INSERT INTO momentum_state.setting (brand, key, value) VALUES ('milk', 'triage.default_category', 'Complaints'), ('milk', 'triage.default_urgency', 'Medium');
SELECT b AS brand, t.category, t.urgency FROM unnest(ARRAY[NULL, 'milk']) b, momentum.triage(NULL, 'xyzzy', b) t;

-- Wrong input.
SELECT momentum.triage(NULL, 'refund', 'coffee');
BEGIN;
INSERT INTO momentum_state.setting (brand, key, value) VALUES ('milk', 'triage.text_config', '-');
SELECT momentum.triage(NULL, 'refund', 'milk');
ROLLBACK;
INSERT INTO momentum_state.triage_rule (brand, rule, category, pattern) VALUES ('', 'x', 'Returns', 'a & & b');
INSERT INTO momentum_state.triage_rule (brand, rule, category, pattern) VALUES ('', 'x', 'Nonsense', 'a');
INSERT INTO momentum_state.triage_rule (brand, rule, urgency, pattern) VALUES ('', 'x', 'Soon', 'a');
INSERT INTO momentum_state.triage_rule (brand, rule, category, urgency, pattern) VALUES ('', 'x', 'Returns', 'High', 'a');
INSERT INTO momentum_state.triage_rule (brand, rule, pattern) VALUES ('', 'x', 'a');
INSERT INTO momentum_state.triage_weight (brand, term, category, weight) VALUES ('', 'x', 'Returns', 'infinity');

-- Constraints are the owner's to drop: what they kept out is told, not read.
BEGIN;
ALTER TABLE momentum_state.triage_weight DROP CONSTRAINT triage_weight_pkey;
ALTER TABLE momentum_state.triage_weight ALTER brand DROP NOT NULL;
INSERT INTO momentum_state.triage_weight (brand, term, category, weight) VALUES (NULL, 'x', 'Returns', 1);
SELECT momentum.triage(NULL, 'refund');
ROLLBACK;
BEGIN;
ALTER TABLE momentum_state.triage_rule ALTER weight DROP NOT NULL;
UPDATE momentum_state.triage_rule SET weight = NULL;
SELECT momentum.sentiment('refund');
ROLLBACK;
SELECT (momentum.triage(NULL, 'refund')).category;

-- Phrases, prefixes, "not"; a phrase does not run over the end of a sentence.
INSERT INTO momentum_state.triage_rule (brand, rule, category, priority, pattern) VALUES
	('tea', 'a', 'Recipes', 90, 'green <-> cup'), ('tea', 'b', 'Recipes', 91, 'jasm:* & !oolong'), ('tea', 'c', 'Recipes', 92, 'white <3> pot');
SELECT m AS message, split_part(t.rule, ';', 1) AS rule FROM unnest(ARRAY['green cups', 'it is green. Cup of tea', 'Jasmines', 'jasmine or oolong',
	'a white and blue pot', 'a white pot']) m, momentum.triage(NULL, m, 'tea') t;

-- Nobody may call it by default, and nobody needs a right to the tables.
CREATE ROLE regress_triage;
GRANT USAGE ON SCHEMA momentum TO regress_triage;
SET ROLE regress_triage;
SELECT momentum.triage(NULL, 'refund');
RESET ROLE;
GRANT EXECUTE ON FUNCTION momentum.triage(text, text, text) TO regress_triage;
SET ROLE regress_triage;
SELECT (momentum.triage(NULL, 'refund')).category;
RESET ROLE;
DROP OWNED BY regress_triage;
DROP ROLE regress_triage;
