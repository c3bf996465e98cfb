-- The facts of a dose by which its rules judge it (vaccination/doses/case_facts.py), as JSON; rows as they stand in
-- their tables. NULL: there is no such registration.
--
-- Where it locks, it holds the person and the registration first, and reads only then: each statement of a function sees
-- what was committed before it began. The plans are kept by the session; `enable_seqscan` as in reservation_hold_doses.
-- What is encrypted of the person is not read.
CREATE OR REPLACE FUNCTION vaccination_dose_facts(
    registration_key bigint, site_key uuid, day_given date, visit_key uuid, vial_key uuid, item_key bigint,
    is_locking boolean
) RETURNS json LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    person registration_person;
    vial vaccination_vialsession;
    item logistics_stockitem;
    batch logistics_batch;
    given json;
    vaccines varchar[];
BEGIN
    IF is_locking THEN
        PERFORM FROM registration_registration r JOIN registration_person p ON p.id = r.person_id
        WHERE r.id = registration_key FOR NO KEY UPDATE OF p, r;
    END IF;
    SELECT p.* INTO person FROM registration_registration r JOIN registration_person p ON p.id = r.person_id
    WHERE r.id = registration_key;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO vial FROM vaccination_vialsession v WHERE v.id = vial_key;
    SELECT * INTO item FROM logistics_stockitem i WHERE i.id = coalesce(vial.item_id, item_key);
    SELECT * INTO batch FROM logistics_batch b WHERE b.id = item.batch_id;
    -- Rows of persons that were joined into this one have doses of this person, too.
    SELECT json_agg(row_to_json(d) ORDER BY d.given_at), array_agg(d.vaccine_id) INTO given, vaccines
    FROM vaccination_dose d
    WHERE d.state = 'VALID' AND d.person_id IN (
        SELECT p.id FROM registration_person p WHERE p.id = person.id OR p.merged_into_id = person.id
    );
    vaccines := vaccines || batch.vaccine_id;
    RETURN json_build_object(
        'person', json_build_object(
            'id', person.id, 'birth_date', person.birth_date, 'died_on', person.died_on,
            'merged_into_id', person.merged_into_id
        ),
        'visit', (
            SELECT row_to_json(v) FROM vaccination_visit v
            WHERE v.id = visit_key AND v.registration_id = registration_key AND v.site_id = site_key
        ),
        'vial', CASE WHEN vial.id IS NOT NULL THEN row_to_json(vial) END,
        'station', (SELECT row_to_json(s) FROM vaccination_station s WHERE s.id = vial.station_id),
        'item', CASE WHEN item.id IS NOT NULL THEN row_to_json(item) END,
        'batch', CASE WHEN batch.id IS NOT NULL THEN row_to_json(batch) END,
        'vaccines', (SELECT json_agg(v) FROM logistics_vaccine v WHERE v.code = ANY (vaccines)),
        'doses', given,
        -- A site has one store.
        'held', (
            SELECT json_build_object('store', row_to_json(s), 'quantity', b.quantity)
            FROM logistics_store s JOIN logistics_stockbalance b ON b.store_id = s.id AND b.item_id = item.id
            WHERE s.site_id = site_key ORDER BY b.id LIMIT 1
        ),
        'answers', (
            SELECT row_to_json(f) FROM vaccination_filledquestionnaire f
            WHERE f.visit_id = visit_key ORDER BY f.confirmed_at DESC, f.id DESC LIMIT 1
        ),
        -- The answers that mean anything at all in some version of the questions.
        'meaning', (
            SELECT json_agg(json_build_array(m.code, m.answer)) FROM (
                SELECT DISTINCT q.code, e.answer FROM vaccination_answereffect e
                JOIN vaccination_question q ON q.id = e.question_id WHERE e.kind <> 'NONE'
            ) m
        ),
        'is_closed', EXISTS (
            SELECT FROM vaccination_dayclosing c
            WHERE c.site_id = site_key AND c.day = day_given AND c.reopened_at IS NULL
        ),
        -- Of each vaccine and dose the newest rule that had begun.
        'rules', (
            SELECT json_agg(r) FROM (
                SELECT DISTINCT ON (r.vaccine_id, r.dose_number) r.* FROM logistics_doserule r
                WHERE r.vaccine_id = ANY (vaccines) AND r.valid_from <= day_given
                ORDER BY r.vaccine_id, r.dose_number, r.valid_from DESC
            ) r
        ),
        'interval', (
            SELECT row_to_json(i) FROM logistics_doseinterval i
            WHERE i.vaccine_id = batch.vaccine_id AND i.dose_number = coalesce(json_array_length(given), 0) + 1
              AND i.valid_from <= day_given ORDER BY i.valid_from DESC LIMIT 1
        ),
        -- The newest rule of the site or the newest for all sites, whichever is longer.
        'minutes', (
            SELECT max(o.minutes) FROM (
                SELECT DISTINCT ON (o.site_id) o.minutes FROM vaccination_observationtime o
                WHERE (o.site_id = site_key OR o.site_id IS NULL) AND o.valid_from <= day_given
                ORDER BY o.site_id, o.valid_from DESC
            ) o
        )
    );
END
$$;
