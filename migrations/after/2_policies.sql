-- Who may see which row: one policy a database role, never an OR between roles (measured: x26-x47 dearer).
-- Tables are FORCEd, so not even the owner reads past a policy. Re-created after every migration.

DO $$
DECLARE t text; p record;
    walled text[] := ARRAY['customer', 'placement', 'assignment_row', 'assignment_move', 'grid_count_row', 'visit', 'grid',
        'duty', 'finding', 'staff', 'import_run', 'job', 'audit', 'app_user', 'user_session', 'api_key',
        'placement_case', 'placement_step', 'place_correction', 'place_alias', 'geocode_cache', 'provider_use',
        'household', 'household_member', 'household_apart', 'household_step',
        'plan_step', 'allotment', 'staffing_change', 'grid_target', 'grid_post', 'letter_signature', 'problem',
        'village_count', 'customer_link', 'lending_check', 'lending_exception', 'visit_photo',
        'indicator_month', 'customer_change', 'map_layer', 'map_feature'];
BEGIN
    -- A table that somebody else keeps in our schema is left as it is.
    FOR p IN SELECT l.tablename, l.policyname FROM pg_policies l JOIN pg_tables t USING (schemaname, tablename)
        WHERE schemaname = 'public' AND t.tableowner = current_user LOOP
        EXECUTE format('DROP POLICY %I ON %I', p.policyname, p.tablename);
    END LOOP;
    FOREACH t IN ARRAY walled LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO getu_owner USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY work ON %I TO getu_work USING (true) WITH CHECK (true)', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['customer', 'placement', 'assignment_row', 'assignment_move', 'grid_count_row', 'visit', 'grid',
        'duty', 'finding', 'staff', 'import_run', 'job', 'app_user', 'api_key', 'placement_case', 'placement_step',
        'place_correction', 'place_alias', 'geocode_cache', 'provider_use', 'household', 'household_member',
        'household_apart', 'household_step', 'plan_step', 'allotment', 'staffing_change',
        'grid_target', 'grid_post', 'letter_signature', 'problem', 'village_count', 'customer_link',
        'lending_check', 'lending_exception', 'visit_photo',
        'indicator_month', 'customer_change', 'map_layer', 'map_feature'] LOOP
        EXECUTE format('CREATE POLICY head ON %I TO getu_head USING (true) WITH CHECK (true)', t);
    END LOOP;
    -- Who draws the ground sees how many live in each grid, and nobody of them.
    FOREACH t IN ARRAY ARRAY['grid', 'duty', 'staff', 'finding', 'grid_count_row', 'village_count', 'plan_step', 'allotment',
        'map_layer', 'map_feature'] LOOP
        EXECUTE format('CREATE POLICY ground ON %I FOR SELECT TO getu_ground USING (true)', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['visit', 'grid_target', 'grid_post', 'problem'] LOOP
        EXECUTE format('CREATE POLICY scoped ON %I FOR SELECT TO getu_scoped '
            'USING (grid_id = ANY ((SELECT getu_viewer_grids())::bigint[]))', t);
    END LOOP;
    -- Ground: one's own, and what is offered and waits for one's answer.
    FOREACH t IN ARRAY ARRAY['duty', 'allotment'] LOOP
        EXECUTE format('CREATE POLICY scoped ON %I FOR SELECT TO getu_scoped '
            'USING (grid_id = ANY ((SELECT getu_sight_grids())::bigint[]))', t);
    END LOOP;
END $$;

CREATE POLICY scoped ON grid FOR SELECT TO getu_scoped USING (id = ANY ((SELECT getu_sight_grids())::bigint[]));
-- The ledger of a draft: where one of the viewer's grids is touched.
CREATE POLICY scoped ON plan_step FOR SELECT TO getu_scoped USING (grid_ids && (SELECT getu_sight_grids())::bigint[]);
-- Changes of people are for the head of their branch: why somebody is away is not his colleagues' business.
CREATE POLICY scoped ON staffing_change FOR SELECT TO getu_scoped
    USING (branch_id = ANY ((SELECT getu_viewer_branches())::bigint[])
        AND EXISTS (SELECT 1 FROM app_user u WHERE u.id = (SELECT getu_user_id()) AND u.role = 'branch_head'));
CREATE POLICY scoped ON letter_signature FOR SELECT TO getu_scoped
    USING (EXISTS (SELECT 1 FROM staff s WHERE s.id = letter_signature.staff_id));
CREATE POLICY scoped ON finding FOR SELECT TO getu_scoped USING (grid_ids && (SELECT getu_sight_grids())::bigint[]);
CREATE POLICY scoped ON staff FOR SELECT TO getu_scoped
    USING (branch_id = ANY ((SELECT getu_viewer_branches())::bigint[]));
-- Customers stand under a grid's lasting key, of the plan in which they stand now.
CREATE POLICY scoped ON assignment_row FOR SELECT TO getu_scoped
    USING (grid_key = ANY ((SELECT getu_keys_of(getu_viewer_grids()))::bigint[]));
CREATE POLICY scoped ON grid_count_row FOR SELECT TO getu_scoped
    USING (grid_key = ANY ((SELECT getu_keys_of(getu_sight_grids()))::bigint[]));
-- Who moved is told to whose grid he left and to whose he came.
CREATE POLICY scoped ON assignment_move FOR SELECT TO getu_scoped
    USING (ARRAY[from_key, to_key] && (SELECT getu_keys_of(getu_viewer_grids()))::bigint[]);
-- A customer and his placement are seen where his assignment is seen: the inner query is cut by its own policy.
CREATE POLICY scoped ON customer FOR SELECT TO getu_scoped
    USING (EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = customer.id));
CREATE POLICY scoped ON placement FOR SELECT TO getu_scoped
    USING (EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = placement.customer_id));
CREATE POLICY scoped ON placement_case FOR SELECT TO getu_scoped
    USING (EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = placement_case.customer_id));
CREATE POLICY scoped ON placement_step FOR SELECT TO getu_scoped
    USING (EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = placement_step.customer_id));
-- A household is seen where one of its members is; a member in another's grid stays unseen.
CREATE POLICY scoped ON household_member FOR SELECT TO getu_scoped
    USING (EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = household_member.customer_id));
-- That two rows are one person is told to who may see both.
CREATE POLICY scoped ON customer_link FOR SELECT TO getu_scoped
    USING (EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = customer_link.customer_id)
        AND EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = customer_link.other_id));
-- What a branch asked about lending, and the exceptions it asked for, are its own.
CREATE POLICY scoped ON lending_check FOR SELECT TO getu_scoped
    USING (branch_id = ANY ((SELECT getu_viewer_branches())::bigint[]));
CREATE POLICY scoped ON lending_exception FOR SELECT TO getu_scoped
    USING (branch_id = ANY ((SELECT getu_viewer_branches())::bigint[]));
CREATE POLICY scoped ON household FOR SELECT TO getu_scoped
    USING (EXISTS (SELECT 1 FROM household_member m WHERE m.household_id = household.id));
CREATE POLICY ground ON place_alias FOR SELECT TO getu_ground USING (true);
CREATE POLICY scoped ON place_alias FOR SELECT TO getu_scoped USING (state = 'approved');
CREATE POLICY scoped_writes ON visit FOR INSERT TO getu_scoped
    WITH CHECK (grid_id = ANY ((SELECT getu_viewer_grids())::bigint[]));

-- A photograph is seen where its visit is seen; it is added to by whoever reported the visit.
CREATE POLICY scoped ON visit_photo FOR SELECT TO getu_scoped
    USING (EXISTS (SELECT 1 FROM visit v WHERE v.id = visit_photo.visit_id));
CREATE POLICY scoped_writes ON visit_photo FOR INSERT TO getu_scoped
    WITH CHECK (EXISTS (SELECT 1 FROM visit v WHERE v.id = visit_photo.visit_id
        AND split_part(v.client_key, ':', 1) = CAST((SELECT getu_user_id()) AS text)));

-- Closed months: a branch is told of what was its own then, a manager of what he held then.
CREATE POLICY scoped ON indicator_month FOR SELECT TO getu_scoped
    USING (ARRAY[branch_id, -staff_id] && (SELECT CASE u.role WHEN 'manager' THEN ARRAY[-u.staff_id]
        ELSE getu_viewer_branches() END FROM app_user u WHERE u.id = (SELECT getu_user_id()))::bigint[]);
CREATE POLICY scoped ON customer_change FOR SELECT TO getu_scoped
    USING (grid_key = ANY ((SELECT getu_keys_of(getu_viewer_grids()))::bigint[]));

-- The bank's own layers: some are for head office and who draws the ground alone. What stands in a layer is seen where
-- the layer is seen: the inner query is cut by its own policy.
CREATE POLICY scoped ON map_layer FOR SELECT TO getu_scoped USING (audience = 'all');
CREATE POLICY scoped ON map_feature FOR SELECT TO getu_scoped
    USING (layer_id IN (SELECT l.id FROM map_layer l));

-- Imports and jobs: a viewer other than head office sees his own; the analyst his own files.
CREATE POLICY scoped ON job TO getu_scoped
    USING (created_by = (SELECT getu_user_id())) WITH CHECK (created_by = (SELECT getu_user_id()));
CREATE POLICY ground ON job TO getu_ground
    USING (created_by = (SELECT getu_user_id())) WITH CHECK (created_by = (SELECT getu_user_id()));
CREATE POLICY ground ON import_run TO getu_ground
    USING (kind IN ('boundaries', 'gazetteer')) WITH CHECK (kind IN ('boundaries', 'gazetteer'));

-- The gate reads who signs in before anybody is signed in; it sees no bank data at all.
CREATE POLICY gate ON app_user TO getu_gate USING (true) WITH CHECK (true);
CREATE POLICY gate ON user_session TO getu_gate USING (true) WITH CHECK (true);
CREATE POLICY gate ON api_key FOR SELECT TO getu_gate USING (true);
CREATE POLICY head ON user_session FOR DELETE TO getu_head USING (true);
CREATE POLICY scoped ON app_user FOR SELECT TO getu_scoped USING (id = (SELECT getu_user_id()));
CREATE POLICY ground ON app_user FOR SELECT TO getu_ground USING (id = (SELECT getu_user_id()));

-- The audit: everybody adds rows in his own name, head office reads.
CREATE POLICY head_reads ON audit FOR SELECT TO getu_head USING (true);
CREATE POLICY head_adds ON audit FOR INSERT TO getu_head WITH CHECK (user_id = (SELECT getu_user_id()));
CREATE POLICY scoped_adds ON audit FOR INSERT TO getu_scoped WITH CHECK (user_id = (SELECT getu_user_id()));
CREATE POLICY ground_adds ON audit FOR INSERT TO getu_ground WITH CHECK (user_id = (SELECT getu_user_id()));
CREATE POLICY gate_adds ON audit FOR INSERT TO getu_gate WITH CHECK (true);

-- Table rights. What is not granted here cannot be done at all; partitions get nothing.
DO $$
DECLARE t text;
BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user LOOP
        EXECUTE format('REVOKE ALL ON %I FROM getu_head, getu_scoped, getu_ground, getu_gate', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON branch, staff, unit, place, plan, grid, duty, finding, source_system, customer,
    placement, assignment_row, assignment_run, assignment_move, grid_count_row, visit, import_run, job, app_user, api_key
    TO getu_work;
GRANT SELECT, INSERT, UPDATE, DELETE ON grid_key, customer_block, village_count, customer_link TO getu_work;
-- An answer once given stands as evidence; an exception changes its state and never goes.
GRANT SELECT, INSERT ON lending_check TO getu_work;
-- A closed month is frozen.
GRANT SELECT, INSERT ON indicator_month TO getu_work;
GRANT SELECT, INSERT ON customer_change TO getu_work;
GRANT SELECT ON indicator_month, customer_change TO getu_head, getu_scoped;
-- Own layers are loaded and taken away by the worker, after the right of who asks was looked at.
GRANT SELECT, INSERT, UPDATE, DELETE ON map_layer, map_feature TO getu_work;
GRANT SELECT ON map_layer, map_feature TO getu_head, getu_scoped, getu_ground;
-- What was photographed stands with its visit.
GRANT SELECT, INSERT ON visit_photo TO getu_work, getu_head, getu_scoped;
GRANT SELECT, INSERT, UPDATE ON lending_exception TO getu_work;
GRANT SELECT, INSERT, UPDATE, DELETE ON placement_case, place_correction, place_alias, placement_run, geocode_cache,
    provider_use, household, household_member, household_apart TO getu_work;
-- Decisions are append-only: what was decided by hand is never rewritten.
GRANT SELECT, INSERT ON audit, placement_step, household_step, plan_step TO getu_work;
GRANT SELECT, INSERT, UPDATE, DELETE ON allotment, staffing_change, branch_type_rule TO getu_work;
GRANT SELECT, INSERT, UPDATE, DELETE ON grid_target, grid_post, letter_signature, problem, branch_contact, work_rule
    TO getu_work;
GRANT SELECT ON grid_target, grid_post, letter_signature, problem, branch_contact, work_rule TO getu_head, getu_scoped;
GRANT SELECT ON branch_contact, work_rule TO getu_ground;
GRANT SELECT ON plan_step, allotment, staffing_change, branch_type_rule TO getu_head;
GRANT SELECT ON plan_step, allotment, staffing_change, branch_type_rule TO getu_scoped;
GRANT SELECT ON plan_step, allotment, branch_type_rule TO getu_ground;
-- Rows of a file on their way in: the worker alone.
GRANT SELECT, INSERT, DELETE ON intake_row TO getu_work;
GRANT SELECT ON audit_seal TO getu_work, getu_head;
GRANT SELECT ON branch, staff, unit, place, plan, grid, duty, finding, source_system, customer, placement,
    assignment_row, assignment_run, assignment_move, grid_count_row, visit, import_run, job, app_user, api_key, audit
    TO getu_head;
GRANT SELECT ON grid_key, customer_block, village_count, customer_link, lending_check, lending_exception TO getu_head;
GRANT SELECT ON placement_case, placement_step, place_correction, place_alias, placement_run, geocode_cache,
    provider_use, household, household_member, household_apart, household_step TO getu_head;
GRANT SELECT ON placement_case, placement_step, place_alias, placement_run, household, household_member TO getu_scoped;
GRANT SELECT ON place_alias, placement_run TO getu_ground;
GRANT INSERT, UPDATE, DELETE ON plan, grid, duty, finding, job, import_run, app_user, api_key TO getu_head;
GRANT INSERT ON visit, audit TO getu_head;
GRANT DELETE ON user_session TO getu_head;
GRANT SELECT (user_id) ON user_session TO getu_head;
GRANT SELECT ON branch, staff, unit, place, plan, grid, duty, finding, source_system, customer, placement,
    assignment_row, assignment_run, grid_count_row, visit, job TO getu_scoped;
GRANT SELECT ON grid_key, customer_link, lending_exception TO getu_scoped;
-- A branch may ask about somebody out of its sight: it reads the answer, and not where he lives.
GRANT SELECT (id, asked_by, asked_at, branch_id, on_date, customer_id, subject, rung, answer, reason, distance_m, edge_m,
    plan_id, ground_version, holder_branch_id, batch) ON lending_check TO getu_scoped;
GRANT SELECT ON assignment_move TO getu_scoped;
GRANT SELECT (id, login, name, role, staff_id, branch_id, team, active) ON app_user TO getu_scoped, getu_ground;
GRANT INSERT ON visit, audit, job TO getu_scoped;
GRANT UPDATE (cancel_asked) ON job TO getu_scoped, getu_ground;
GRANT SELECT ON branch, staff, unit, place, plan, grid, duty, finding, grid_count_row, import_run, job, assignment_run,
    grid_key, village_count TO getu_ground;
-- The views ask with the rights of who asks them; who draws the ground has none on customers, and the view refuses.
GRANT SELECT ON assignment TO getu_work, getu_head, getu_scoped;
GRANT SELECT ON grid_count, standing_grid TO getu_work, getu_head, getu_scoped, getu_ground;
GRANT INSERT ON audit, job, import_run TO getu_ground;
GRANT SELECT, UPDATE ON app_user TO getu_gate;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_session TO getu_gate;
GRANT SELECT ON api_key TO getu_gate;
GRANT INSERT ON audit TO getu_gate;
