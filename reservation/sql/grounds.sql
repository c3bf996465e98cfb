-- Writes with each reservation, once it is confirmed for the first time, by which rule and evidence its person reserved
-- (ReservationGrounds), in the transaction that confirms. A trigger, because a person, staff, a waiting list and a call
-- to substitutes confirm each in their own way, and none may forget it.
CREATE OR REPLACE FUNCTION reservation_write_grounds()
RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off -- as in hold_doses.sql
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    INSERT INTO reservation_reservationgrounds
        (reservation_id, rule_id, birth_date, claim_state, invitation_id, region_id, decided_at)
    SELECT NEW.id, best.rule_id, p.birth_date, coalesce(best.claim_state, ''), i.id, place.region_id, NEW.confirmed_at
    FROM registration_registration r
    JOIN registration_person p ON p.id = r.person_id
    LEFT JOIN LATERAL (
        -- In the order of registration/groups/rules.py.
        SELECT fits.* FROM reservation_fitting_rules(r.id, NEW.confirmed_at) fits
        ORDER BY fits.score DESC, fits.claim_state <> '', fits.min_age DESC NULLS LAST, fits.group_id LIMIT 1
    ) best ON true
    -- What staff arrange has no time yet at this moment: they add the region (`arranging/seating.py`).
    LEFT JOIN LATERAL (
        SELECT coalesce(d.region_id, site.region_id) AS region_id
        FROM reservation_appointment a
        JOIN reservation_slot s ON s.id = a.slot_id
        JOIN logistics_vaccinationsite site ON site.id = s.site_id
        LEFT JOIN logistics_district d ON d.code = site.district_id
        WHERE a.reservation_id = NEW.id ORDER BY a.dose_number LIMIT 1
    ) place ON true
    LEFT JOIN reservation_invitation i ON i.registration_id = r.id AND i.revoked_at IS NULL
    WHERE r.id = NEW.registration_id
    -- A reservation that was missed and came back keeps what it was made on.
    ON CONFLICT (reservation_id) DO NOTHING;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER reservation_grounds_of_a_confirmation AFTER UPDATE OF state ON reservation_reservation
FOR EACH ROW WHEN (NEW.state = 'CONFIRMED' AND OLD.state <> 'CONFIRMED') EXECUTE FUNCTION reservation_write_grounds();

CREATE OR REPLACE TRIGGER reservation_grounds_of_an_arrangement AFTER INSERT ON reservation_reservation
FOR EACH ROW WHEN (NEW.state = 'CONFIRMED') EXECUTE FUNCTION reservation_write_grounds();
