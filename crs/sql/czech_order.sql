-- The key to sort a text by in Czech; what `crs/czech_order.py` makes in Python, sign by sign. Immutable, so that an
-- index may stand on it: how letters are made small is named, so no setting of a database changes the answer.
-- In PL/pgSQL, which takes half as long as one query of all these steps.
CREATE OR REPLACE FUNCTION czech_order(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    small text := lower(normalize(name, NFC) COLLATE pg_c_utf8);
    placed text := replace(small, 'ch', U&'h\+10FFFF');
BEGIN
    IF octet_length(small) > char_length(small) THEN
        placed := replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(placed,
            'č', U&'c\+10FFFF'), 'ř', U&'r\+10FFFF'), 'š', U&'s\+10FFFF'), 'ž', U&'z\+10FFFF'), 'đ', U&'d\+10FFFF'),
            'ґ', U&'г\+10FFFF'), 'є', U&'е\+10FFFF'), 'і', U&'и\+10FFFF'), 'ї', U&'и\+10FFFF\+10FFFF'),
            'й', U&'и\+10FFFF\+10FFFF\+10FFFF');
        placed := regexp_replace(normalize(placed, NFKD), U&'[\0300-\036F]', '', 'g');
    END IF;
    IF placed ~ '[0-9]' THEN
        -- Twelve noughts before each number; then as many are taken away as leave twelve digits.
        placed := regexp_replace(placed, '([0-9]+)', '000000000000\1', 'g');
        placed := regexp_replace(placed, '0*([0-9]{12,})', '\1', 'g');
    END IF;
    RETURN placed || U&'\0001' || small;
END
$$;
