-- The question for all words of a text among the parts of names; NULL where the text has no word.
CREATE OR REPLACE FUNCTION registration_name_query(asked text) RETURNS tsquery
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN (
    SELECT string_agg(
        quote_literal(CASE WHEN length(word) > 2 OR ascii(word) > 127 THEN word ELSE '^' || word END) || ':*', ' & '
    )::tsquery
    FROM unnest(registration_name_words(asked)) AS word WHERE word <> ''
);
