-- What the triage of messages knows: words with a feeling, words that speak for
-- a category, rules.  Brand '' holds what is shipped; a brand's own row with the
-- same key wins over it.  Read by src/hub/lexicon.c, which sees an edit in the
-- next statement.
CREATE TABLE IF NOT EXISTS momentum_state.lexicon (
    brand   text             NOT NULL,
    term    text             NOT NULL CHECK (term <> ''),
    form    text             NOT NULL CHECK (form IN ('word', 'stem', 'phrase', 'emoji')),
    kind    text             NOT NULL CHECK (kind IN ('score', 'thanks', 'settled', 'negation', 'intensifier', 'contrast', 'request')),
    weight  double precision NOT NULL CHECK (weight BETWEEN -5 AND 5),
    note    text,
    PRIMARY KEY (brand, term, form)
);
COMMENT ON TABLE momentum_state.lexicon IS 'Words, phrases and emoji that make the sentiment of a message. Brand '''' holds the defaults; a brand''s row with the same term and form wins. To silence a default, add the brand''s own row of kind score with weight 0.';
COMMENT ON COLUMN momentum_state.lexicon.brand IS 'The brand it holds for; empty for all.';
COMMENT ON COLUMN momentum_state.lexicon.term IS 'The word, phrase, emoji or emoticon; case does not matter in words.';
COMMENT ON COLUMN momentum_state.lexicon.form IS 'word: as written. stem: every word with the same stem. phrase: two to five words, compared by their stems, before single words. emoji: a character, or an emoticon of two to four.';
COMMENT ON COLUMN momentum_state.lexicon.kind IS 'score: adds its weight. thanks: adds its weight unless it is mere politeness. settled: says that a trouble is over. negation: turns what follows. intensifier: strengthens or weakens what follows. contrast: what follows counts more than what came before. request: what follows is asked for, and has not happened.';
COMMENT ON COLUMN momentum_state.lexicon.weight IS 'score, thanks, settled: -5 to 5. negation: the factor of what follows, such as -0.6. intensifier: share added, such as 0.3 or -0.4. contrast: factor of what follows. request: without meaning.';
COMMENT ON COLUMN momentum_state.lexicon.note IS 'Why, for people.';

CREATE TABLE IF NOT EXISTS momentum_state.triage_weight (
    brand     text             NOT NULL,
    term      text             NOT NULL,
    category  text             NOT NULL REFERENCES hub.inquiry_categories ON UPDATE CASCADE,
    weight    double precision NOT NULL CHECK (weight BETWEEN -100 AND 100),
    PRIMARY KEY (brand, term, category)
);
COMMENT ON TABLE momentum_state.triage_weight IS 'How much a word, or two words in a row, speak for a category of inquiries: log odds. Brand '''' holds the defaults; a brand''s row with the same term and category wins.';
COMMENT ON COLUMN momentum_state.triage_weight.brand IS 'The brand it holds for; empty for all.';
COMMENT ON COLUMN momentum_state.triage_weight.term IS 'One word or two, compared by their stems; empty for what holds for every message.';
COMMENT ON COLUMN momentum_state.triage_weight.category IS 'The category it speaks for.';
COMMENT ON COLUMN momentum_state.triage_weight.weight IS 'Added to the category''s score; below zero it speaks against it.';
CREATE INDEX IF NOT EXISTS triage_weight_category ON momentum_state.triage_weight (category);

CREATE TABLE IF NOT EXISTS momentum_state.triage_rule (
    brand            text             NOT NULL,
    rule             text             NOT NULL CHECK (rule <> ''),
    category         text             REFERENCES hub.inquiry_categories ON UPDATE CASCADE,
    urgency          text             REFERENCES hub.inquiry_urgencies ON UPDATE CASCADE,
    pattern          tsquery,
    when_category    text             REFERENCES hub.inquiry_categories ON UPDATE CASCADE,
    sentiment_below  double precision,
    sentiment_above  double precision,
    weight           double precision NOT NULL DEFAULT 2 CHECK (weight BETWEEN -100 AND 100),
    priority         integer          NOT NULL DEFAULT 0,
    active           boolean          NOT NULL DEFAULT true,
    PRIMARY KEY (brand, rule),
    CHECK ((category IS NULL) <> (urgency IS NULL)),
    CHECK (category IS NULL OR (pattern IS NOT NULL AND when_category IS NULL AND sentiment_below IS NULL AND sentiment_above IS NULL))
);
COMMENT ON TABLE momentum_state.triage_rule IS 'Rules by which a message gets its category and its urgency. Brand '''' holds the defaults; a brand''s rule of the same name takes the place of the default one.';
COMMENT ON COLUMN momentum_state.triage_rule.brand IS 'The brand it holds for; empty for all.';
COMMENT ON COLUMN momentum_state.triage_rule.rule IS 'Its name, shown with the result.';
COMMENT ON COLUMN momentum_state.triage_rule.category IS 'The category it speaks for; else it is about urgency.';
COMMENT ON COLUMN momentum_state.triage_rule.urgency IS 'The urgency it asks for; else it is about the category.';
COMMENT ON COLUMN momentum_state.triage_rule.pattern IS 'A text search query over subject and message, stop words included: where <-> is <-> my <-> (order | parcel). Words are compared by their stems. Empty for rules of urgency that hold whatever is said.';
COMMENT ON COLUMN momentum_state.triage_rule.when_category IS 'Only for messages of this category.';
COMMENT ON COLUMN momentum_state.triage_rule.sentiment_below IS 'Only for messages whose sentiment is below this.';
COMMENT ON COLUMN momentum_state.triage_rule.sentiment_above IS 'Only for messages whose sentiment is above this.';
COMMENT ON COLUMN momentum_state.triage_rule.weight IS 'Rules of the category: log odds added to its score.';
COMMENT ON COLUMN momentum_state.triage_rule.priority IS 'Rules of the category: above 0 the matching rule of the highest priority decides alone. Rules of urgency: of those that match, the highest priority counts; of equals, the most urgent.';
COMMENT ON COLUMN momentum_state.triage_rule.active IS 'False switches it off; a brand switches a default off by a row of the same name.';
CREATE INDEX IF NOT EXISTS triage_rule_category ON momentum_state.triage_rule (category);
CREATE INDEX IF NOT EXISTS triage_rule_urgency ON momentum_state.triage_rule (urgency);
CREATE INDEX IF NOT EXISTS triage_rule_when_category ON momentum_state.triage_rule (when_category);

INSERT INTO momentum_state.setting (brand, key, value, description) VALUES
    ('', 'triage.text_config', 'pg_catalog.english', 'Text search configuration that finds words and stems in messages.'),
    ('', 'triage.default_category', 'General', 'Category of a message of which nothing is known.'),
    ('', 'triage.default_urgency', 'Low', 'Urgency of a message that no rule speaks of.')
ON CONFLICT (brand, key) DO NOTHING;
