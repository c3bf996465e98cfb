-- The words of a name as people look for them: plain, parted by spaces and hyphens; an apostrophe parts none.
CREATE OR REPLACE FUNCTION registration_name_words(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN array_remove(
    string_to_array(
        translate(registration_plain_name(name), '-‐‑‒–—.,;:/\()<>"''`´’‘ʼʹ*&|!^', '                 '), ' '
    ),
    ''
);
