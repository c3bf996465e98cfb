-- Whether a name is as `crs.typed.plain` leaves it: composed letters, single spaces, nothing that nobody sees.
CREATE OR REPLACE FUNCTION registration_is_plain(name text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN name IS NFC NORMALIZED
    AND name = btrim(name)
    AND position('  ' IN name) = 0
    AND name !~ '[\u0001-\u001F\u007F-\u00A0\u00AD\u061C\u200B-\u200F\u2028-\u202F\u2060-\u2064\u2066-\u206F\uFEFF]'
    AND name !~ '[\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFE00-\uFE0F\uFFA0\U000E0000-\U000E0FFF]';
