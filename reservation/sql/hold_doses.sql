-- Lock the person of an invitation, who may hold seats now, and an earlier hold of theirs. `hold_id` is that hold, `own`
-- are the slots in which it has seats. CR001, CR002 or CR008; the detail of a refusal names the invitation.
-- Locks: registration, reservation (docs/locking.md).
CREATE OR REPLACE FUNCTION reservation_ready_to_hold(
    invitation bigint, moment timestamptz,
    OUT id bigint, OUT doses_received integer, OUT is_complete boolean, OUT last_dose_on date,
    OUT last_vaccine varchar, OUT first_vaccine varchar, OUT birth_date date, OUT not_before date,
    OUT hold_id uuid, OUT held_until timestamptz, OUT pairing varchar, OUT party uuid, OUT own bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    asked record;
    earlier reservation_reservation;
BEGIN
    -- Two tabs of one person, and the issue of a new PIN2, wait for each other here.
    SELECT r.id, r.doses_received, r.state = 'COMPLETED', r.last_dose_on, r.last_vaccine_id, r.first_vaccine_id,
           p.birth_date
    INTO id, doses_received, is_complete, last_dose_on, last_vaccine, first_vaccine, birth_date
    FROM reservation_invitation i
    JOIN registration_registration r ON r.id = i.registration_id AND r.state <> 'CANCELLED'
    JOIN registration_person p ON p.id = r.person_id
    WHERE i.id = invitation FOR NO KEY UPDATE OF r;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no standing registration' USING ERRCODE = 'CR001', DETAIL = invitation;
    END IF;
    -- Read only now: what was true before the lock may not be any more.
    SELECT i.revoked_at IS NULL AND i.expires_at > moment AS is_invited, r.id AS earlier_id, p.not_before
    INTO asked
    FROM reservation_invitation i
    LEFT JOIN reservation_reservation r
        ON r.registration_id = i.registration_id AND r.state IN ('HELD', 'CONFIRMED') AND NOT r.is_finished
    LEFT JOIN reservation_postponement p ON p.registration_id = i.registration_id AND p.withdrawn_at IS NULL
    WHERE i.id = invitation;
    not_before := asked.not_before;
    own := '{}';
    IF asked.earlier_id IS NOT NULL THEN
        -- Confirming or freeing it does not ask for the person's row, so it may have ended since.
        SELECT * INTO earlier FROM reservation_reservation r
        WHERE r.id = asked.earlier_id AND r.state IN ('HELD', 'CONFIRMED') FOR NO KEY UPDATE;
    END IF;
    IF earlier.state = 'CONFIRMED' THEN
        PERFORM FROM reservation_appointment a WHERE a.reservation_id = earlier.id AND a.state = 'BOOKED';
        IF FOUND OR doses_received = 0 THEN
            RAISE EXCEPTION 'already confirmed' USING ERRCODE = 'CR002', DETAIL = invitation;
        END IF;
    END IF;
    IF NOT asked.is_invited THEN
        RAISE EXCEPTION 'no valid invitation' USING ERRCODE = 'CR001', DETAIL = invitation;
    ELSIF NOT reservation_may_reserve(id, moment) THEN
        RAISE EXCEPTION 'not the turn' USING ERRCODE = 'CR008', DETAIL = invitation;
    END IF;
    IF earlier.state = 'CONFIRMED' THEN
        -- All its times are over, so the person goes on to the next dose; what was given there stays.
        UPDATE reservation_reservation r SET is_finished = true WHERE r.id = earlier.id;
    ELSIF earlier.id IS NOT NULL THEN
        hold_id := earlier.id;
        held_until := earlier.held_until;
        pairing := earlier.pairing;
        party := earlier.party;
        SELECT array_agg(a.slot_id ORDER BY a.dose_number) INTO own
        FROM reservation_appointment a WHERE a.reservation_id = earlier.id;
    END IF;
END
$$;

-- The number of the last dose that the person of `reservation_ready_to_hold` needs where the next one is given in
-- `slot`. CR003, CR004, CR005 or CR009; the detail of CR009 names the invitation. `own` are slots in which seats are
-- given back.
CREATE OR REPLACE FUNCTION reservation_last_dose_from(
    slot bigint, invitation bigint, person record, own bigint[], moment timestamptz
) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE
    number integer := person.doses_received + 1;
    chosen record;
    first_day date;
BEGIN
    SELECT s.starts_at, s.day, s.vaccine_id, v.doses, s.booked < s.capacity OR s.id = ANY (own) AND NOT s.is_closed AS is_free,
           greatest(s.youngest_age, site.youngest_age) AS youngest, least(s.oldest_age, site.oldest_age) AS oldest,
           CASE number WHEN 1 THEN (
               SELECT d.youngest_age FROM logistics_doserule d
               WHERE d.vaccine_id = s.vaccine_id AND d.dose_number = 1 AND d.valid_from <= s.day
               ORDER BY d.valid_from DESC LIMIT 1
           ) END AS first_age
    INTO chosen
    FROM reservation_slot s
    JOIN logistics_vaccinationsite site ON site.id = s.site_id AND site.state = 'OPEN'
    JOIN logistics_vaccine v ON v.code = s.vaccine_id
    WHERE s.id = slot AND s.for_doses IN (CASE number WHEN 1 THEN 'FIRST' ELSE 'SECOND' END, 'ANY');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such slot' USING ERRCODE = 'CR003';
    ELSIF chosen.starts_at <= moment THEN
        RAISE EXCEPTION 'slot is past' USING ERRCODE = 'CR004';
    END IF;
    first_day := chosen.day;
    -- Whom the rule of that day allows a first dose, as nearly everybody, has an earlier first day: nobody need ask.
    IF reservation_has_age(person.birth_date, chosen.day, chosen.first_age, 150) IS NOT TRUE THEN
        first_day := reservation_first_day(
            chosen.vaccine_id, (timezone('Europe/Prague', moment))::date, person.birth_date, person.doses_received,
            person.is_complete, person.last_dose_on, person.last_vaccine, person.first_vaccine
        );
    END IF;
    IF first_day IS NULL OR chosen.day < greatest(first_day, person.not_before)
       OR NOT reservation_has_age(person.birth_date, chosen.day, chosen.youngest, chosen.oldest) THEN
        RAISE EXCEPTION 'not for this person' USING ERRCODE = 'CR009', DETAIL = invitation;
    ELSIF NOT chosen.is_free THEN
        RAISE EXCEPTION 'slot is full' USING ERRCODE = 'CR005';
    END IF;
    RETURN CASE WHEN person.is_complete THEN number ELSE greatest(number, chosen.doses) END;
END
$$;

-- Write a hold whose seats are taken: in each of the slots `taken` one, for the doses from `number` on.
CREATE OR REPLACE FUNCTION reservation_write_hold(
    person bigint, taken bigint[], number integer, pairing varchar, moment timestamptz, until timestamptz,
    code varchar, party uuid
) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    held_id uuid := gen_random_uuid();
BEGIN
    INSERT INTO reservation_reservation
        (id, registration_id, state, pairing, held_until, created_at, check_in_code, party)
    VALUES (held_id, person, 'HELD', pairing, until, moment, code, party);
    INSERT INTO reservation_appointment (reservation_id, dose_number, slot_id)
    SELECT held_id, number - 1 + c.place, c.id FROM unnest(taken) WITH ORDINALITY AS c (id, place);
    RETURN held_id;
END
$$;

-- Hold the chosen slot and one for each dose that follows, for the person of an invitation, all or none: the whole
-- series, the rest of it for somebody who had doses, or where it is complete the next booster alone.
-- Every refusal is an exception, so that nothing of it stays: CR001 no valid invitation, CR002 already
-- confirmed, CR003 no such slot for this dose, CR004 past, CR005 full, CR006 no later dose,
-- CR007 a later seat was taken between the look and the grip (call again), CR008 not the person's turn,
-- CR009 not for this person on that day: by age, by the dose before, by its vaccine, or because they were ill
-- (reservation/reserving/needs.py says which).
-- Locks: registration, reservation, slots by rising key (docs/locking.md).
CREATE OR REPLACE FUNCTION reservation_hold_doses(
    invitation bigint, slot bigint, moment timestamptz, until timestamptz, code varchar
) RETURNS TABLE (held_id uuid, held_pairing varchar)
LANGUAGE plpgsql
-- The history's triggers ask for this setting and pay for an exception where it was never made.
SET pgtrigger.ignore = '{}'
-- A session keeps the plans of a function. Those made in the first minutes of a campaign, when the tables hold
-- a few rows, would read them whole, and go on so while the rows become thousands, until autovacuum next looks:
-- the rate of holds fell by half within three thousand (docs/performance.md).
SET enable_seqscan = off
-- Nor may it plan a statement anew in each call, which costs more than to do it.
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    person record;
    last_dose integer;
    seats record;
BEGIN
    person := reservation_ready_to_hold(invitation, moment);
    IF person.own[1] = slot AND person.held_until > moment THEN
        RETURN QUERY SELECT person.hold_id, person.pairing;
        RETURN;
    END IF;
    last_dose := reservation_last_dose_from(slot, invitation, person, person.own, moment);
    IF person.hold_id IS NULL THEN
        seats := reservation_take_seats(slot, person.doses_received + 1, last_dose, moment, person.birth_date);
    ELSE
        seats := reservation_swap_seats(
            person.own, slot, person.doses_received + 1, last_dose, moment, person.birth_date);
        UPDATE reservation_reservation
        SET state = CASE WHEN held_until > moment THEN 'CANCELLED' ELSE 'EXPIRED' END WHERE id = person.hold_id;
    END IF;
    held_id := reservation_write_hold(
        person.id, seats.taken, person.doses_received + 1, seats.pairing, moment, until, code, NULL);
    held_pairing := seats.pairing;
    RETURN NEXT;
END
$$;
