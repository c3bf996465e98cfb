-- Whose turn it is to reserve, also a booster after the series, by the rules of groups in force at `moment`: what
-- `eligibility.decide` says (registration/groups/eligibility.py), within the statement that holds or confirms. A test
-- compares the two. First the rules that fit a person and invite, then whether there is any.
-- Whoever plans this, maybe while the tables are empty, has to begin with the registration: so no condition on the
-- person is one of a partial index, which could be read whole, and callers turn whole reads and merges off.
CREATE OR REPLACE FUNCTION reservation_fitting_rules(whose bigint, moment timestamptz)
RETURNS TABLE (rule_id bigint, score smallint, min_age smallint, group_id varchar, claim_state varchar)
LANGUAGE sql STABLE
AS $$
SELECT rule.id, rule.score, rule.min_age, rule.group_id, coalesce(c.state, '')
FROM registration_registration r
JOIN registration_person p ON p.id = r.person_id AND num_nonnulls(p.died_on, p.merged_into_id) = 0
CROSS JOIN registration_prioritygroup g
CROSS JOIN LATERAL (
    SELECT one.*, coalesce(one.age_on, timezone('Europe/Prague', moment)::date) AS day
    FROM registration_grouprule one
    WHERE one.group_id = g.code AND one.valid_from <= moment
    ORDER BY one.valid_from DESC LIMIT 1
) rule
-- At most one: a person has one standing claim to a group.
LEFT JOIN registration_priorityclaim c ON c.registration_id = r.id AND c.group_id = g.code AND g.basis <> 'AGE'
    AND (c.state = 'PROVEN' OR c.state = 'PENDING' AND rule.proof <> 'CODE')
WHERE r.id = whose AND r.state <> 'CANCELLED' AND rule.invites_from <= moment
  AND (rule.min_age IS NULL OR p.birth_date <= rule.day - make_interval(years => rule.min_age))
  AND (rule.max_age IS NULL OR p.birth_date > rule.day - make_interval(years => rule.max_age + 1))
  AND (g.basis = 'AGE' OR c.id IS NOT NULL)
$$;

CREATE OR REPLACE FUNCTION reservation_may_reserve(whose bigint, moment timestamptz)
RETURNS boolean
LANGUAGE sql STABLE
SET enable_seqscan = off -- as in hold_doses.sql
SET enable_mergejoin = off
AS $$
SELECT EXISTS (SELECT FROM reservation_fitting_rules(whose, moment))
$$;
