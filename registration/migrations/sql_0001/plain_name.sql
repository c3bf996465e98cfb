-- A name as people look for it: lower case, without accents. Immutable, so that indexes can stand on it: the dictionary
-- is named, so no setting of a session changes what it answers.
CREATE OR REPLACE FUNCTION registration_plain_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, name));
