-- Who looks: the one transaction-local setting that names the viewer. Re-created after every migration.

CREATE OR REPLACE FUNCTION getu_user_id() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('getu.user_id', true), '')::bigint $$;

-- The grids a scoped viewer may see: a branch head's branch with all below it, a manager's own duties today.
CREATE OR REPLACE FUNCTION getu_viewer_grids() RETURNS bigint[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path = public, pg_temp
    AS $$
    WITH RECURSIVE me AS (
        SELECT role, staff_id, branch_id FROM app_user WHERE id = getu_user_id() AND active
    ), house AS (
        SELECT b.id FROM branch b JOIN me ON b.id = me.branch_id AND me.role IN ('branch_head', 'system')
        UNION
        SELECT b.id FROM branch b JOIN house ON b.parent_id = house.id
    )
    SELECT coalesce(array_agg(id), '{}') FROM (
        SELECT g.id FROM grid g WHERE g.branch_id IN (SELECT id FROM house)
        UNION
        SELECT d.grid_id FROM duty d JOIN me ON d.staff_id = me.staff_id AND me.role = 'manager'
        WHERE d.role IN ('primary', 'backup') AND upper_inf(d.recorded) AND d.valid @> current_date
    ) seen $$;

-- The ground a scoped viewer may look at: his own grids, and those that are offered to his branch or to himself and wait
-- for an answer. Customers stay with getu_viewer_grids(): an offer shows the ground, not yet who lives there.
CREATE OR REPLACE FUNCTION getu_sight_grids() RETURNS bigint[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path = public, pg_temp
    AS $$
    WITH RECURSIVE me AS (
        SELECT role, staff_id, branch_id FROM app_user WHERE id = getu_user_id() AND active
    ), house AS (
        SELECT b.id FROM branch b JOIN me ON b.id = me.branch_id AND me.role = 'branch_head'
        UNION
        SELECT b.id FROM branch b JOIN house ON b.parent_id = house.id
    )
    SELECT coalesce(array_agg(id), '{}') FROM (
        SELECT unnest(getu_viewer_grids()) AS id
        UNION
        SELECT a.grid_id FROM allotment a WHERE a.state = 'offered' AND a.branch_id IN (SELECT id FROM house)
        UNION
        SELECT a.grid_id FROM allotment a JOIN me ON a.staff_id = me.staff_id AND me.role = 'manager'
        WHERE a.state = 'offered'
    ) seen $$;

-- The branches whose staff a scoped viewer may see: his own and those below.
CREATE OR REPLACE FUNCTION getu_viewer_branches() RETURNS bigint[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path = public, pg_temp
    AS $$
    WITH RECURSIVE me AS (
        SELECT coalesce(u.branch_id, s.branch_id) AS branch_id
        FROM app_user u LEFT JOIN staff s ON s.id = u.staff_id
        WHERE u.id = getu_user_id() AND u.active
    ), house AS (
        SELECT branch_id AS id FROM me WHERE branch_id IS NOT NULL
        UNION
        SELECT b.id FROM branch b JOIN house ON b.parent_id = house.id
    )
    SELECT coalesce(array_agg(id), '{}') FROM house $$;

-- The audit is append-only, for everybody.
CREATE OR REPLACE FUNCTION getu_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'audit rows are append-only' USING ERRCODE = 'insufficient_privilege'; END $$;

DROP TRIGGER IF EXISTS audit_append_only ON audit;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION getu_refuse_change();
DROP TRIGGER IF EXISTS audit_seal_append_only ON audit_seal;
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION getu_refuse_change();
DROP TRIGGER IF EXISTS visit_append_only ON visit;
CREATE TRIGGER visit_append_only BEFORE UPDATE ON visit
    FOR EACH STATEMENT EXECUTE FUNCTION getu_refuse_change();

DROP TRIGGER IF EXISTS placement_step_append_only ON placement_step;
CREATE TRIGGER placement_step_append_only BEFORE UPDATE OR DELETE ON placement_step
    FOR EACH STATEMENT EXECUTE FUNCTION getu_refuse_change();
DROP TRIGGER IF EXISTS household_step_append_only ON household_step;
CREATE TRIGGER household_step_append_only BEFORE UPDATE OR DELETE ON household_step
    FOR EACH STATEMENT EXECUTE FUNCTION getu_refuse_change();

-- The chain link over a span of audit rows: what a later check computes again. Each row is one JSON array, so that
-- no word can be moved from one column to the next unnoticed.
CREATE OR REPLACE FUNCTION getu_audit_hash(first_id bigint, last_id bigint, before bytea) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path = public, pg_temp
    AS $$
    SELECT sha256(before || convert_to(coalesce(string_agg(jsonb_build_array(
        id, extract(epoch FROM at), user_id, action, subject, customer_ids, detail)::text, E'\n' ORDER BY id
    ), ''), 'UTF8'))
    FROM audit WHERE id BETWEEN first_id AND last_id $$;

-- Seal what has come since the last seal. A row whose transaction is still open may carry a lower number than one that
-- is committed: the lock waits for all who are writing, and where one of them takes long the seal comes next time.
CREATE OR REPLACE FUNCTION getu_seal_audit() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET lock_timeout = '300ms'
    AS $$
    DECLARE last_seal audit_seal; newest bigint;
    BEGIN
        LOCK TABLE audit IN SHARE MODE;
        SELECT * INTO last_seal FROM audit_seal ORDER BY to_id DESC LIMIT 1;
        SELECT max(id) INTO newest FROM audit;
        IF newest IS NULL OR newest <= coalesce(last_seal.to_id, 0) THEN RETURN 0; END IF;
        INSERT INTO audit_seal (from_id, to_id, hash) VALUES (
            coalesce(last_seal.to_id, 0) + 1, newest,
            getu_audit_hash(coalesce(last_seal.to_id, 0) + 1, newest, coalesce(last_seal.hash, '\x00')));
        RETURN newest - coalesce(last_seal.to_id, 0);
    EXCEPTION WHEN lock_not_available THEN RETURN 0;
    END $$;

-- Is every seal what its rows say, each upon the one before? The number of the first seal that is not, else NULL.
CREATE OR REPLACE FUNCTION getu_broken_seal() RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path = public, pg_temp
    AS $$
    SELECT min(to_id) FROM (
        SELECT from_id, to_id, hash, lag(hash, 1, '\x00') OVER chain AS before, lag(to_id, 1, 0::bigint) OVER chain AS last_id
        FROM audit_seal WINDOW chain AS (ORDER BY to_id)
    ) s WHERE hash <> getu_audit_hash(from_id, to_id, before) OR from_id <> last_id + 1 $$;

-- A fresh, bare table for one assignment run; the worker copies into it, then has it adopted.
CREATE OR REPLACE FUNCTION getu_open_assignment(run bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE name text := 'assignment_r' || run;
    BEGIN
        EXECUTE format('DROP TABLE IF EXISTS %I', name);
        EXECUTE format('CREATE TABLE %I (LIKE assignment INCLUDING DEFAULTS)', name);
        EXECUTE format('ALTER TABLE %I ADD CHECK (run_id = %s)', name, run);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO getu_work', name);
        RETURN name;
    END $$;

-- Index the run's table, attach it, and drop the run that stood before: one swap, readers see either.
CREATE OR REPLACE FUNCTION getu_adopt_assignment(run bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE name text := 'assignment_r' || run; old record;
    BEGIN
        EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (customer_id, run_id)', name);
        EXECUTE format('CREATE INDEX ON %I (grid_id, tier)', name);
        EXECUTE format('CREATE INDEX ON %I USING gist (geom)', name);
        EXECUTE format('REVOKE ALL ON %I FROM getu_work', name);
        FOR old IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                   WHERE i.inhparent = 'assignment'::regclass LOOP
            EXECUTE format('ALTER TABLE assignment DETACH PARTITION %I', old.relname);
            EXECUTE format('DROP TABLE %I', old.relname);
        END LOOP;
        EXECUTE format('ALTER TABLE assignment ATTACH PARTITION %I FOR VALUES IN (%s)', name, run);
        EXECUTE format('ANALYZE %I', name);
    END $$;

-- A partition for the rows of one customer file until they are merged.
DROP FUNCTION IF EXISTS getu_open_intake(bigint);
CREATE OR REPLACE FUNCTION getu_open_intake(import bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    BEGIN
        EXECUTE format('DROP TABLE IF EXISTS %I', 'intake_r' || import);
        EXECUTE format('CREATE TABLE %I PARTITION OF intake_row FOR VALUES IN (%s)', 'intake_r' || import, import);
    END $$;

CREATE OR REPLACE FUNCTION getu_close_intake(import bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$ BEGIN EXECUTE format('DROP TABLE IF EXISTS %I', 'intake_r' || import); END $$;

-- Tell the planner how many rows wait: without it a million are merged as if they were two thousand.
CREATE OR REPLACE FUNCTION getu_measure_intake(import bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$ BEGIN EXECUTE format('ANALYZE %I', 'intake_r' || import); END $$;

REVOKE ALL ON FUNCTION getu_open_assignment, getu_adopt_assignment, getu_open_intake, getu_close_intake,
    getu_measure_intake, getu_seal_audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION getu_open_assignment, getu_adopt_assignment, getu_open_intake, getu_close_intake,
    getu_measure_intake, getu_seal_audit TO getu_work;
