-- What a person is found by, of all their names: each word, marked at its beginning, and each end of a word, so that a
-- search for beginnings finds the inside of a word, too. A name of several words stands as one, too. Of Latin letters
-- fewer than three say nothing inside a word. Immutable, so that an index can stand on it; where one is
-- rebuilt, no schema is searched, so the function inside names its own.
CREATE OR REPLACE FUNCTION registration_name_parts(
    first_name text, last_name text, latin_first_name text, latin_last_name text
) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    parts text[] := '{}';
    name text;
    words text[];
    word text;
BEGIN
    FOREACH name IN ARRAY ARRAY[first_name, last_name, latin_first_name, latin_last_name] LOOP
        words := public.registration_name_words(name);
        IF cardinality(words) > 1 THEN
            words := words || array_to_string(words, '');
        END IF;
        FOREACH word IN ARRAY words LOOP
            parts := parts || ('^' || word);
            FOR start IN 1..length(word) LOOP
                IF length(word) - start >= 2 OR ascii(substr(word, start)) > 127 THEN
                    parts := parts || substr(word, start);
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
    RETURN array_to_tsvector(parts);
END
$$;
