-- Who waits for PIN2, or on the waiting list, and for a first dose, people who are alike counted together: by date of
-- birth, standing claims ('group:STATE') and regions of the preferred sites. Whose invitations are paused does not wait. It is refreshed beside its readers
-- (reservation/inviting/waiting_summary.py), who so ask about a million registrations in a fraction of a second.
DROP VIEW IF EXISTS reservation_waiting_person CASCADE;
CREATE VIEW reservation_waiting_person AS
WITH gone AS (
    SELECT i.registration_id FROM reservation_invitation i WHERE i.revoked_at IS NULL AND i.expires_at > now()
      AND NOT EXISTS (
        SELECT FROM reservation_waitinglistentry w WHERE w.registration_id = i.registration_id AND w.left_at IS NULL)
    UNION SELECT registration_id FROM reservation_invitationpause WHERE resumed_at IS NULL
    UNION SELECT registration_id FROM reservation_reservation WHERE state IN ('HELD', 'CONFIRMED')
)
SELECT r.id AS registration_id, p.birth_date
FROM registration_registration r
JOIN registration_person p ON p.id = r.person_id AND p.died_on IS NULL AND p.merged_into_id IS NULL
WHERE r.state = 'ACTIVE' AND r.doses_received = 0 AND NOT r.is_immobile
  AND (r.phone <> '' OR r.by_letter AND p.street <> '' AND p.city <> '')
  AND NOT EXISTS (SELECT FROM gone WHERE gone.registration_id = r.id);

CREATE MATERIALIZED VIEW reservation_waiting AS
WITH claimed AS (
    SELECT c.registration_id, array_agg(c.group_id || ':' || c.state ORDER BY c.group_id) AS claims
    FROM registration_priorityclaim c WHERE c.state NOT IN ('REFUSED', 'WITHDRAWN')
    GROUP BY c.registration_id
), preferred AS (
    SELECT s.registration_id, array_agg(DISTINCT lies.region ORDER BY lies.region) AS regions
    FROM registration_registration_preferred_sites s
    JOIN logistics_vaccinationsite site ON site.id = s.vaccinationsite_id
    LEFT JOIN logistics_district d ON d.code = site.district_id
    CROSS JOIN LATERAL (SELECT coalesce(d.region_id, site.region_id) AS region) lies
    GROUP BY s.registration_id
)
SELECT w.birth_date, coalesce(claimed.claims, '{}') AS claims, coalesce(preferred.regions, '{}') AS regions,
       count(*)::integer AS people
FROM reservation_waiting_person w
LEFT JOIN claimed USING (registration_id)
LEFT JOIN preferred USING (registration_id)
GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX reservation_waiting_is_unique ON reservation_waiting (birth_date, claims, regions);

-- The same by months, for the place of one person in the order, which many people ask.
CREATE MATERIALIZED VIEW reservation_waiting_months AS
SELECT date_trunc('month', birth_date)::date AS month, claims, regions,
       min(birth_date) AS earliest, max(birth_date) AS latest, sum(people)::integer AS people
FROM reservation_waiting GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX reservation_waiting_months_is_unique ON reservation_waiting_months (month, claims, regions);

-- How many wait for each place of the report: a site ('site:KEY'), a district or region (its code), the country ('').
-- Whoever chose several sites waits for each of them, and once for a district, a region and the country.
CREATE MATERIALIZED VIEW reservation_waiting_places AS
WITH preferred AS (
    SELECT w.registration_id, site.id AS site, d.code AS district, coalesce(d.region_id, site.region_id) AS region
    FROM reservation_waiting_person w
    JOIN registration_registration_preferred_sites s USING (registration_id)
    JOIN logistics_vaccinationsite site ON site.id = s.vaccinationsite_id
    LEFT JOIN logistics_district d ON d.code = site.district_id
)
SELECT 'site:' || site AS place, count(*)::integer AS people FROM preferred GROUP BY site
UNION ALL SELECT district, count(DISTINCT registration_id)::integer FROM preferred WHERE district IS NOT NULL GROUP BY district
UNION ALL SELECT region, count(DISTINCT registration_id)::integer FROM preferred GROUP BY region
UNION ALL SELECT '', count(*)::integer FROM reservation_waiting_person;
CREATE UNIQUE INDEX reservation_waiting_places_is_unique ON reservation_waiting_places (place);
