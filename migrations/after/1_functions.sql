-- Who looks: the one transaction-local setting that names the viewer. Re-created after every migration.

CREATE OR REPLACE FUNCTION getu_user_id() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('getu.user_id', true), '')::bigint $$;

-- The grids a scoped viewer may see: a branch head's branch with all below it, a manager's own duties today.
-- In plpgsql, whose plans last as long as the connection: planning these few lines anew for each statement of a tile
-- took six times as long as running them.
CREATE OR REPLACE FUNCTION getu_viewer_grids() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path = public, pg_temp
    AS $$ BEGIN RETURN (
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
    ) seen); END $$;

-- The ground a scoped viewer may look at: his own grids, and those that are offered to his branch or to himself and wait
-- for an answer. Customers stay with getu_viewer_grids(): an offer shows the ground, not yet who lives there.
CREATE OR REPLACE FUNCTION getu_sight_grids() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path = public, pg_temp
    AS $$ BEGIN RETURN (
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
    ) seen); END $$;

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

DROP TRIGGER IF EXISTS lending_check_append_only ON lending_check;
CREATE TRIGGER lending_check_append_only BEFORE UPDATE OR DELETE ON lending_check
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

-- A grid's lasting key: the number of its code, whatever the plan.
CREATE OR REPLACE FUNCTION getu_keep_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    BEGIN
        SELECT id INTO NEW.key_id FROM grid_key WHERE code = NEW.code;
        IF NEW.key_id IS NULL THEN
            INSERT INTO grid_key (code) VALUES (NEW.code) ON CONFLICT (code) DO NOTHING;
            SELECT id INTO NEW.key_id FROM grid_key WHERE code = NEW.code;
        END IF;
        RETURN NEW;
    END $$;
DROP TRIGGER IF EXISTS lasting_key ON grid;
CREATE TRIGGER lasting_key BEFORE INSERT OR UPDATE OF code, key_id ON grid
    FOR EACH ROW EXECUTE FUNCTION getu_keep_key();

-- Which grid speaks for a lasting key today? That of the plan in force; where it has no grid of this code, that of the
-- plan in which customers stand (`left_over`): between a plan's first minute and the run that follows it, and after
-- that run was taken back, everybody is seen by whoever holds his grid's code today, and nobody is out of all sight.
CREATE OR REPLACE VIEW standing_grid WITH (security_invoker = true) AS
SELECT g.id, g.key_id, g.plan_id, g.branch_id,
    g.plan_id <> (SELECT p.id FROM plan p WHERE p.status = 'in_force' AND p.valid @> current_date) AS left_over
FROM grid g
WHERE g.plan_id = (SELECT p.id FROM plan p WHERE p.status = 'in_force' AND p.valid @> current_date)
    OR (g.plan_id = (SELECT r.plan_id FROM assignment_run r WHERE r.current) AND NOT EXISTS (
        SELECT 1 FROM grid h WHERE h.key_id = g.key_id
            AND h.plan_id = (SELECT p.id FROM plan p WHERE p.status = 'in_force' AND p.valid @> current_date)));

-- The lasting keys for which grids (ids) speak today.
CREATE OR REPLACE FUNCTION getu_keys_of(grids bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path = public, pg_temp
    AS $$ BEGIN RETURN (SELECT coalesce(array_agg(s.key_id), '{}') FROM standing_grid s WHERE s.id = ANY (grids)); END $$;

-- In whose grid a customer stands. A plan that takes the place of another touches only those whose grid has another code.
CREATE OR REPLACE VIEW assignment WITH (security_invoker = true) AS
SELECT a.run_id, a.customer_id, g.id AS grid_id, a.rung, a.method, a.reason, a.standing, a.tier, a.geom, a.grid_key
FROM assignment_row a LEFT JOIN standing_grid g ON g.key_id = a.grid_key;

-- Ids of the customers of the viewer's own grids whose names lie in a span, in the order of names. Two ways, by what there
-- is less of: his own customers, or the names, each looked up among his (his share of them all is then a hundredth and
-- more, so that a few thousand names hold enough of his). Who sees everybody asks the tables themselves.
CREATE OR REPLACE FUNCTION getu_seek_names(low text, high text, most integer) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off
    AS $$
    DECLARE keys bigint[] := getu_keys_of(getu_viewer_grids()); own bigint;
    BEGIN
        SELECT sum(existing + prospects) INTO own FROM grid_count_row WHERE grid_key = ANY (keys);
        IF own < 3000 THEN
            RETURN QUERY SELECT c.id FROM assignment_row a JOIN customer c ON c.id = a.customer_id
                WHERE a.grid_key = ANY (keys) AND c.gone_at IS NULL
                    AND c.name ~>=~ low AND c.name ~<~ high
                ORDER BY c.name USING ~<~ LIMIT most;
        ELSE
            RETURN QUERY SELECT c.id FROM (
                SELECT n.id, n.name FROM customer n
                WHERE n.name ~>=~ low AND n.name ~<~ high AND n.gone_at IS NULL
                ORDER BY n.name USING ~<~ LIMIT 10000) c
            JOIN assignment_row a ON a.customer_id = c.id AND a.grid_key = ANY (keys)
            ORDER BY c.name USING ~<~ LIMIT most;
        END IF;
    END $$;

-- The same for the marks of telephones; a span holds one number's, or those of a tail and of the few that share its mark.
CREATE OR REPLACE FUNCTION getu_seek_phones(low bytea, high bytea, most integer) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off
    AS $$
    DECLARE keys bigint[] := getu_keys_of(getu_viewer_grids());
    BEGIN
        RETURN QUERY SELECT c.id FROM customer c
            JOIN assignment_row a ON a.customer_id = c.id AND a.grid_key = ANY (keys)
            WHERE c.phone_hash >= low AND c.phone_hash <= high AND c.gone_at IS NULL LIMIT most;
    END $$;

-- What a grid holds. Visits count within their month: last month's are none of this one.
CREATE OR REPLACE VIEW grid_count WITH (security_invoker = true) AS
SELECT g.id AS grid_id, (SELECT r.id FROM assignment_run r WHERE r.current) AS run_id, n.existing, n.prospects, n.rungs,
    n.located_existing, n.strategic, n.key, n.filed,
    CASE WHEN n.visited_month = date_trunc('month', current_date) THEN n.visited ELSE 0 END AS visited,
    n.covered_households, n.grid_key
FROM standing_grid g JOIN grid_count_row n ON n.grid_key = g.key_id;

-- Which state of ground, people, faults, customers and their service is drawn for a viewer? A tile is kept under it. Small
-- tables tell by the transactions that wrote their rows: whatever a row gets, its number is another. What is too long for
-- that (customers, placements, assignments, moves) changes with a run's row, a load's row or a visit. Who sees a part is
-- asked about his part; villages and what is counted of them he is not told of. One call, no wall for each row: it gives
-- away no more than that something is another than before.
CREATE OR REPLACE FUNCTION getu_data_version(drawn bigint, faults bigint, part boolean) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE grids bigint[] := CASE WHEN part THEN getu_sight_grids() END; keys bigint[] := getu_keys_of(grids);
    BEGIN
        RETURN md5(concat_ws('-', current_date,
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM plan),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM grid
                WHERE plan_id IN (drawn, faults) AND (part IS NOT TRUE OR id = ANY (grids))),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM finding
                WHERE plan_id = faults AND (part IS NOT TRUE OR grid_ids && grids)),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM duty
                WHERE part IS NOT TRUE OR grid_id = ANY (grids)),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM allotment
                WHERE part IS NOT TRUE OR grid_id = ANY (grids)),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM unit),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM branch),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM staff),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM assignment_run),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM import_run),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM grid_count_row
                WHERE part IS NOT TRUE OR grid_key = ANY (keys)),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM village_count WHERE part IS NOT TRUE),
            (SELECT concat(count(*), '.', sum(hashint8(xmin::text::bigint))) FROM map_layer
                WHERE part IS NOT TRUE OR audience = 'all'),
            CASE WHEN part THEN (SELECT max(v.last) FROM unnest(grids) AS g (id),
                LATERAL (SELECT max(id) AS last FROM visit WHERE grid_id = g.id) v)
            ELSE (SELECT max(id) FROM visit) END));
    END $$;

-- One customer a key of a source, in whatever block: within a block its unique index sees to it, here the other blocks.
CREATE OR REPLACE FUNCTION getu_refuse_second_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM fresh f JOIN customer c USING (source_code, source_key) WHERE c.id <> f.id) THEN
            RAISE unique_violation USING MESSAGE = 'a customer of this source and key exists';
        END IF;
        RETURN NULL;
    END $$;
DROP TRIGGER IF EXISTS one_row_a_source_key ON customer;
CREATE TRIGGER one_row_a_source_key AFTER INSERT ON customer REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION getu_refuse_second_key();

-- What an address says below its village, in one writing: empty when it goes no further. With the village's code it is a
-- house; two rows of one name in one house are most likely one person.
CREATE OR REPLACE FUNCTION getu_house(address text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    AS $$ SELECT regexp_replace(regexp_replace(upper(normalize(address, NFKC)), '[[:space:],.;:#()/、。·-]', '', 'g'),
        '^.*?(居委会|社区|村|$)(村?委会)?', '') $$;

-- Three bare tables aside for a file's customers, their placements and assignments; nobody sees them yet.
-- Block k holds the ids from k * 10^9 on: a row's id is that plus its number in the file.
CREATE OR REPLACE FUNCTION getu_open_block(import bigint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE k integer; part record;
    BEGIN
        INSERT INTO customer_block (import_id) VALUES (import) RETURNING id INTO k;
        FOR part IN SELECT * FROM (VALUES ('customer', 'id'), ('placement', 'customer_id'),
                                          ('assignment_row', 'customer_id')) AS v (parent, id) LOOP
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                part.parent || '_b' || k, part.parent);
            EXECUTE format('ALTER TABLE %I ADD CONSTRAINT of_block CHECK (%I >= %s AND %I < %s)',
                part.parent || '_b' || k, part.id, k * 1000000000::bigint, part.id, (k + 1) * 1000000000::bigint);
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO getu_work', part.parent || '_b' || k);
        END LOOP;
        -- Doubts about the placements wait beside them.
        EXECUTE format('CREATE TABLE %I (LIKE placement_case INCLUDING DEFAULTS)', 'placement_case_b' || k);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO getu_work', 'placement_case_b' || k);
        RETURN k;
    END $$;

-- The indexes of one table of a block, when its rows are in; doing it again does nothing. Two sessions may each do one.
CREATE OR REPLACE FUNCTION getu_index_block(block integer, parent text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE name text := parent || '_b' || block;
    BEGIN
        -- All of it or nothing is there: it is one transaction.
        IF EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = name::regclass AND contype = 'p') THEN
            RETURN;
        END IF;
        EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (%I)', name,
            CASE parent WHEN 'customer' THEN 'id' ELSE 'customer_id' END);
        CASE parent
            WHEN 'customer' THEN
                EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON %I (source_code, source_key)',
                    'uq_' || name || '_source_key', name);
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (id_card_hash)', 'ix_' || name || '_card', name);
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (phone_hash)', 'ix_' || name || '_phone', name);
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (household_no)', 'ix_' || name || '_home', name);
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (name text_pattern_ops)', 'ix_' || name || '_name', name);
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (id) WHERE gone_at IS NOT NULL',
                    'ix_' || name || '_gone', name);
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (tier) WHERE tier <> ''regular''',
                    'ix_' || name || '_tier', name);
            WHEN 'placement' THEN
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (unit_code) WHERE geom IS NULL',
                    'ix_' || name || '_unit', name);
            WHEN 'assignment_row' THEN
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (grid_key, tier)', 'ix_' || name || '_grid', name);
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I USING gist (geom)', 'ix_' || name || '_geom', name);
        END CASE;
        EXECUTE format('ANALYZE %I', name);
    END $$;

-- A block that is whole becomes part of the bank: one moment, for all three tables. A second customer of a key is refused.
CREATE OR REPLACE FUNCTION getu_adopt_block(block integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE parent text; name text; twins boolean; n bigint;
    BEGIN
        -- A source of whom nobody is here yet has no key twice.
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM source_system s
                WHERE EXISTS (SELECT 1 FROM %1$I f WHERE f.source_code = s.code)
                    AND EXISTS (SELECT 1 FROM customer c WHERE c.source_code = s.code))
            AND EXISTS (SELECT 1 FROM %1$I f JOIN customer c USING (source_code, source_key))',
            'customer_b' || block) INTO twins;
        IF twins THEN
            RAISE unique_violation USING MESSAGE = 'a customer of this source and key exists';
        END IF;
        FOREACH parent IN ARRAY ARRAY['customer', 'placement', 'assignment_row'] LOOP
            name := parent || '_b' || block;
            PERFORM getu_index_block(block, parent);
            EXECUTE format('REVOKE ALL ON %I FROM getu_work', name);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, name,
                block * 1000000000::bigint, (block + 1) * 1000000000::bigint);
            EXECUTE format('ALTER TABLE %I DROP CONSTRAINT of_block', name);
        END LOOP;
        EXECUTE format('INSERT INTO placement_case SELECT * FROM %I', 'placement_case_b' || block);
        EXECUTE format('DROP TABLE %I', 'placement_case_b' || block);
        EXECUTE format('SELECT count(*) FROM %I', 'customer_b' || block) INTO n;
        UPDATE customer_block SET state = 'ready', rows = n WHERE id = block;
        -- Nobody else measures a table of blocks as a whole: unmeasured, a join of two is planned as if all met all.
        ANALYZE customer (id, source_code, source_key, name), placement (customer_id, unit_code),
            assignment_row (customer_id, grid_key);
        RETURN n;
    END $$;

-- A block that never became part of the bank goes, with all its rows.
CREATE OR REPLACE FUNCTION getu_drop_block(block integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE parent text;
    BEGIN
        DELETE FROM customer_block WHERE id = block AND state = 'building';
        IF NOT FOUND THEN RETURN; END IF;
        FOREACH parent IN ARRAY ARRAY['customer', 'placement', 'assignment_row', 'placement_case'] LOOP
            EXECUTE format('DROP TABLE IF EXISTS %I', parent || '_b' || block);
        END LOOP;
    END $$;

-- Rows leave an unfinished block: those whose key an earlier row of the file has.
CREATE OR REPLACE FUNCTION getu_take_out(block integer, ids bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    BEGIN
        EXECUTE format('DELETE FROM %I WHERE id = ANY ($1)', 'customer_b' || block) USING ids;
        EXECUTE format('DELETE FROM %I WHERE customer_id = ANY ($1)', 'placement_b' || block) USING ids;
        EXECUTE format('DELETE FROM %I WHERE customer_id = ANY ($1)', 'assignment_row_b' || block) USING ids;
        EXECUTE format('DELETE FROM %I WHERE customer_id = ANY ($1)', 'placement_case_b' || block) USING ids;
    END $$;

-- The keys of rows of an unfinished block, with the rung and the doubt of their placements.
CREATE OR REPLACE FUNCTION getu_list_keys(block integer, ids bigint[])
    RETURNS TABLE (id bigint, source_key text, rung smallint, doubt text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    BEGIN
        RETURN QUERY EXECUTE format('SELECT c.id, c.source_key, p.rung, k.kind
            FROM %I c JOIN %I p ON p.customer_id = c.id LEFT JOIN %I k ON k.customer_id = c.id WHERE c.id = ANY ($1)',
            'customer_b' || block, 'placement_b' || block, 'placement_case_b' || block) USING ids;
    END $$;

-- An unfinished block of so few rows that it is not worth being one: they wait with the changed rows of their import.
CREATE OR REPLACE FUNCTION getu_pour_block(block integer, import bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE n bigint;
    BEGIN
        EXECUTE format('INSERT INTO intake_row (import_id, row_no, source_key, kind, standing, name, id_card_enc,
                id_card_hash, phone_enc, phone_hash, address, household_no, relation, tier, lead_level,
                booking_branch_code, deposit_yuan, loan_yuan, filed, last_visit_on, rung, method, score, geom,
                place_code, unit_code, accuracy_m, datum, doubt, row_hash)
            SELECT $1, c.id - $2, c.source_key, c.kind, c.standing, c.name, c.id_card_enc, c.id_card_hash, c.phone_enc,
                c.phone_hash, c.address, c.household_no, c.relation, c.tier, c.lead_level, c.booking_branch_code,
                c.deposit_yuan, c.loan_yuan, c.filed, c.last_visit_on, p.rung, p.method, p.score, p.geom,
                p.place_code, p.unit_code, p.accuracy_m, p.datum,
                CASE WHEN k.customer_id IS NOT NULL THEN jsonb_build_object(''kind'', k.kind, ''score'', k.score,
                    ''prefix'', k.prefix, ''town_code'', k.town_code, ''answer'', k.answer, ''detail'', k.detail) END,
                c.row_hash
            FROM %I c JOIN %I p ON p.customer_id = c.id LEFT JOIN %I k ON k.customer_id = c.id',
            'customer_b' || block, 'placement_b' || block, 'placement_case_b' || block)
            USING import, block * 1000000000::bigint;
        GET DIAGNOSTICS n = ROW_COUNT;
        PERFORM getu_drop_block(block);
        RETURN n;
    END $$;

-- A fresh, bare table for one block's assignments in a new run; the worker copies into it, then has the run adopted.
DROP FUNCTION IF EXISTS getu_open_assignment(bigint);
CREATE OR REPLACE FUNCTION getu_open_assignment(run bigint, block integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE name text := 'assignment_row_b' || block || '_r' || run;
    BEGIN
        EXECUTE format('DROP TABLE IF EXISTS %I', name);
        EXECUTE format('CREATE TABLE %I (LIKE assignment_row INCLUDING DEFAULTS)', name);
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT of_block CHECK (customer_id >= %s AND customer_id < %s)', name,
            CASE block WHEN 0 THEN -9223372036854775807 ELSE block * 1000000000::bigint END,
            (block + 1) * 1000000000::bigint);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO getu_work', name);
        RETURN name;
    END $$;

-- Index the run's tables and put each in the place of its block's: one swap, readers see the run before or this one.
CREATE OR REPLACE FUNCTION getu_adopt_assignment(run bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
    AS $$
    DECLARE name text; old record; k integer; low text;
    BEGIN
        FOR k IN SELECT id FROM customer_block WHERE state = 'ready' ORDER BY id LOOP
            name := 'assignment_row_b' || k || '_r' || run;
            CONTINUE WHEN to_regclass(name) IS NULL;
            EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (customer_id)', name);
            EXECUTE format('CREATE INDEX ON %I (grid_key, tier)', name);
            EXECUTE format('CREATE INDEX ON %I USING gist (geom)', name);
            EXECUTE format('REVOKE ALL ON %I FROM getu_work', name);
            FOR old IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                       WHERE i.inhparent = 'assignment_row'::regclass
                           AND substring(c.relname FROM '^assignment_row_b(\d+)')::integer = k LOOP
                EXECUTE format('ALTER TABLE assignment_row DETACH PARTITION %I', old.relname);
                EXECUTE format('DROP TABLE %I', old.relname);
            END LOOP;
            low := CASE k WHEN 0 THEN 'MINVALUE' ELSE (k * 1000000000::bigint)::text END;
            EXECUTE format('ALTER TABLE assignment_row ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, low,
                (k + 1) * 1000000000::bigint);
            EXECUTE format('ALTER TABLE %I DROP CONSTRAINT of_block', name);
            EXECUTE format('ANALYZE %I', name);
        END LOOP;
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
    getu_measure_intake, getu_seal_audit, getu_open_block, getu_index_block, getu_adopt_block, getu_drop_block,
    getu_take_out, getu_list_keys, getu_pour_block, getu_keep_key, getu_refuse_second_key FROM PUBLIC;
REVOKE ALL ON FUNCTION getu_seek_names, getu_seek_phones FROM PUBLIC;
GRANT EXECUTE ON FUNCTION getu_seek_names, getu_seek_phones TO getu_scoped;
GRANT EXECUTE ON FUNCTION getu_open_assignment, getu_adopt_assignment, getu_open_intake, getu_close_intake,
    getu_measure_intake, getu_seal_audit, getu_open_block, getu_index_block, getu_adopt_block, getu_drop_block,
    getu_take_out, getu_list_keys, getu_pour_block TO getu_work;
