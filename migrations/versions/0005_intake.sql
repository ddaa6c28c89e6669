-- Customers in blocks that land whole, assignments by a grid's lasting key. Frozen: a change is a new migration.

-- 1. The lasting key of a grid: the same code in the next plan is the same grid to those who live in it.
CREATE TABLE grid_key (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    CONSTRAINT pk_grid_key PRIMARY KEY (id),
    CONSTRAINT uq_grid_key_code UNIQUE (code)
);
INSERT INTO grid_key (code) SELECT DISTINCT code FROM grid ORDER BY code;
ALTER TABLE grid ADD COLUMN key_id BIGINT;
UPDATE grid g SET key_id = k.id FROM grid_key k WHERE k.code = g.code;
ALTER TABLE grid ALTER COLUMN key_id SET NOT NULL,
    ADD CONSTRAINT fk_grid_key_id FOREIGN KEY(key_id) REFERENCES grid_key (id);
CREATE UNIQUE INDEX uq_grid_plan_key ON grid (plan_id, key_id);

-- 2. Sources as data, and what a nightly load needs to know of a customer.
ALTER TABLE source_system ADD COLUMN name_en TEXT, ADD COLUMN standing TEXT DEFAULT 'existing' NOT NULL,
    ADD COLUMN headings JSONB DEFAULT '{}' NOT NULL, ADD COLUMN file_pattern TEXT,
    ADD COLUMN delivery TEXT DEFAULT 'delta' NOT NULL, ADD COLUMN vanish_limit DOUBLE PRECISION DEFAULT 0.05 NOT NULL,
    ADD COLUMN origin JSONB DEFAULT '{}' NOT NULL, ADD COLUMN active BOOLEAN DEFAULT 'true' NOT NULL,
    ADD COLUMN check_numbers BOOLEAN DEFAULT 'true' NOT NULL,
    ADD CONSTRAINT ck_source_system_standing CHECK (standing IN ('existing','prospect')),
    ADD CONSTRAINT ck_source_system_delivery CHECK (delivery IN ('full','delta')),
    ADD CONSTRAINT ck_source_system_vanish_limit CHECK (vanish_limit BETWEEN 0 AND 1);
INSERT INTO source_system (code, name, name_en, trust_rank, standing) VALUES
    ('core', '核心系统', 'core banking system', 1, 'existing'),
    ('credit', '阳光信贷', 'sunshine credit system', 2, 'existing'),
    ('crm', '省联社 CRM', 'provincial CRM', 3, 'prospect'),
    ('roster', '整村授信名册', 'village credit roster', 4, 'prospect')
ON CONFLICT (code) DO UPDATE SET name_en = excluded.name_en, standing = excluded.standing;
ALTER TABLE customer ADD COLUMN row_hash BIGINT, ADD COLUMN gone_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE intake_row ADD COLUMN row_hash BIGINT;

-- 3. The tables of today become the first block of partitioned ones; block k holds the ids from k * 10^9 on.
CREATE TABLE customer_block (
    id INTEGER GENERATED ALWAYS AS IDENTITY (MINVALUE 0 START 0),
    import_id BIGINT,
    state TEXT DEFAULT 'building' NOT NULL,
    rows BIGINT DEFAULT '0' NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_customer_block PRIMARY KEY (id),
    CONSTRAINT ck_customer_block_state CHECK (state IN ('building','ready')),
    CONSTRAINT fk_customer_block_import_id FOREIGN KEY(import_id) REFERENCES import_run (id)
);
INSERT INTO customer_block (state) VALUES ('ready');

ALTER TABLE visit DROP CONSTRAINT fk_visit_customer_id;
ALTER TABLE customer RENAME TO customer_b0;
ALTER TABLE placement RENAME TO placement_b0;
ALTER INDEX pk_customer RENAME TO pk_customer_b0;
ALTER INDEX uq_customer_source_key RENAME TO uq_customer_b0_source_key;
ALTER INDEX ix_customer_id_card_hash RENAME TO ix_customer_b0_id_card_hash;
ALTER INDEX ix_customer_phone_hash RENAME TO ix_customer_b0_phone_hash;
ALTER INDEX ix_customer_tier RENAME TO ix_customer_b0_tier;
ALTER INDEX pk_placement RENAME TO pk_placement_b0;
ALTER INDEX ix_placement_unit_code RENAME TO ix_placement_b0_unit_code;

CREATE TABLE customer (LIKE customer_b0 INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    CONSTRAINT pk_customer PRIMARY KEY (id)) PARTITION BY RANGE (id);
ALTER SEQUENCE customer_id_seq OWNED BY customer.id;
CREATE INDEX ix_customer_id_card_hash ON customer (id_card_hash);
CREATE INDEX ix_customer_phone_hash ON customer (phone_hash);
CREATE INDEX ix_customer_tier ON customer (tier) WHERE tier <> 'regular';
CREATE INDEX ix_customer_household_no ON customer (household_no);
CREATE INDEX ix_customer_gone ON customer (id) WHERE gone_at IS NOT NULL;
CREATE TABLE placement (LIKE placement_b0 INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    CONSTRAINT pk_placement PRIMARY KEY (customer_id)) PARTITION BY RANGE (customer_id);
CREATE INDEX ix_placement_unit_code ON placement (unit_code) WHERE geom IS NULL;

CREATE TABLE assignment_row (
    customer_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    grid_key BIGINT,
    rung SMALLINT NOT NULL,
    method TEXT NOT NULL,
    reason TEXT,
    standing TEXT NOT NULL,
    tier TEXT NOT NULL,
    geom geometry(POINT,4326),
    CONSTRAINT pk_assignment_row PRIMARY KEY (customer_id)
) PARTITION BY RANGE (customer_id);
CREATE INDEX ix_assignment_row_grid_key ON assignment_row (grid_key, tier);
CREATE INDEX ix_assignment_row_geom ON assignment_row USING gist (geom);
CREATE TABLE assignment_row_b0 PARTITION OF assignment_row FOR VALUES FROM (MINVALUE) TO (1000000000);

-- A bank that was here before and went back keeps its blocks: their ids lie beyond those of the first.
DO $$
DECLARE k bigint; part record; bounds text;
BEGIN
    FOR k IN SELECT DISTINCT id / 1000000000 FROM customer_b0 WHERE id >= 1000000000 ORDER BY 1 LOOP
        bounds := format('FOR VALUES FROM (%s) TO (%s)', k * 1000000000, (k + 1) * 1000000000);
        EXECUTE format('CREATE TABLE assignment_row_b%s PARTITION OF assignment_row %s', k, bounds);
        FOR part IN SELECT * FROM (VALUES ('customer', 'id'), ('placement', 'customer_id')) AS v (parent, id) LOOP
            EXECUTE format('CREATE TABLE %1$s_b%2$s PARTITION OF %1$s %3$s', part.parent, k, bounds);
            EXECUTE format('WITH gone AS (DELETE FROM %s_b0 WHERE %s / 1000000000 = %s RETURNING *) '
                'INSERT INTO %1$s_b%3$s SELECT * FROM gone', part.parent, part.id, k);
        END LOOP;
        EXECUTE format('CREATE UNIQUE INDEX uq_customer_b%s_source_key ON customer_b%1$s (source_code, source_key)', k);
        EXECUTE format('INSERT INTO customer_block (id, state, rows) OVERRIDING SYSTEM VALUE '
            'SELECT %s, ''ready'', count(*) FROM customer_b%1$s', k);
        PERFORM setval(pg_get_serial_sequence('customer_block', 'id'), k);
    END LOOP;
END $$;
ALTER TABLE customer ATTACH PARTITION customer_b0 FOR VALUES FROM (MINVALUE) TO (1000000000);
ALTER TABLE visit ADD CONSTRAINT fk_visit_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id);
ALTER TABLE placement ATTACH PARTITION placement_b0 FOR VALUES FROM (MINVALUE) TO (1000000000);
INSERT INTO assignment_row (customer_id, run_id, grid_key, rung, method, reason, standing, tier, geom)
SELECT a.customer_id, a.run_id, g.key_id, a.rung, a.method, a.reason, a.standing, a.tier, a.geom
FROM assignment a JOIN assignment_run r ON r.id = a.run_id AND r.current LEFT JOIN grid g ON g.id = a.grid_id;
-- With it go the policies that ask it; all are made anew after every migration.
DROP TABLE assignment CASCADE;

CREATE TABLE grid_count_row (
    grid_key BIGINT NOT NULL,
    existing INTEGER NOT NULL,
    prospects INTEGER NOT NULL,
    rungs BIGINT[] NOT NULL,
    located_existing INTEGER NOT NULL,
    strategic INTEGER NOT NULL,
    key INTEGER NOT NULL,
    filed INTEGER NOT NULL,
    visited INTEGER NOT NULL,
    visited_month DATE NOT NULL,
    covered_households INTEGER NOT NULL,
    CONSTRAINT pk_grid_count_row PRIMARY KEY (grid_key),
    CONSTRAINT fk_grid_count_row_grid_key FOREIGN KEY(grid_key) REFERENCES grid_key (id)
);
INSERT INTO grid_count_row SELECT g.key_id, n.existing, n.prospects, n.rungs, n.located_existing, n.strategic, n.key,
    n.filed, n.visited, date_trunc('month', current_date), n.covered_households
FROM grid_count n JOIN grid g ON g.id = n.grid_id JOIN assignment_run r ON r.id = n.run_id AND r.current;
DROP TABLE grid_count;

CREATE TABLE village_count (
    unit_code TEXT NOT NULL,
    existing INTEGER NOT NULL,
    prospects INTEGER NOT NULL,
    rungs BIGINT[] NOT NULL,
    strategic INTEGER NOT NULL,
    key INTEGER NOT NULL,
    filed INTEGER NOT NULL,
    visited INTEGER NOT NULL,
    visited_month DATE NOT NULL,
    assigned INTEGER NOT NULL,
    CONSTRAINT pk_village_count PRIMARY KEY (unit_code)
);

-- 4. Runs that change only what moved, and can be taken back.
ALTER TABLE assignment_run ADD COLUMN kind TEXT DEFAULT 'whole' NOT NULL, ADD COLUMN before_id BIGINT,
    ADD COLUMN undoes BIGINT,
    ADD CONSTRAINT ck_assignment_run_kind CHECK (kind IN ('whole','changed','load','undo')),
    ADD CONSTRAINT uq_assignment_run_undoes UNIQUE (undoes),
    ADD CONSTRAINT fk_assignment_run_undoes FOREIGN KEY(undoes) REFERENCES assignment_run (id);
ALTER TABLE assignment_move ADD COLUMN from_key BIGINT, ADD COLUMN to_key BIGINT, ADD COLUMN from_run_id BIGINT,
    ADD COLUMN from_method TEXT, ADD COLUMN from_reason TEXT,
    ADD COLUMN anew BOOLEAN DEFAULT 'false' NOT NULL;
UPDATE assignment_move m SET from_key = (SELECT key_id FROM grid WHERE id = m.from_grid_id),
    to_key = (SELECT key_id FROM grid WHERE id = m.to_grid_id);

-- 5. Who is the same as whom in two rows: the links that a later reconciliation reads.
CREATE TABLE customer_link (
    customer_id BIGINT NOT NULL,
    other_id BIGINT NOT NULL,
    how TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_customer_link PRIMARY KEY (customer_id, other_id),
    CONSTRAINT ck_customer_link_order CHECK (customer_id < other_id),
    CONSTRAINT ck_customer_link_how CHECK (how IN ('id_card','phone_name','name_place')),
    CONSTRAINT ck_customer_link_confidence CHECK (confidence BETWEEN 0 AND 1)
);
CREATE INDEX ix_customer_link_other_id ON customer_link (other_id);

-- 6. Lending: what was asked, what was answered on which evidence, and who allowed an exception.
CREATE TABLE lending_check (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    asked_by BIGINT,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    branch_id BIGINT NOT NULL,
    on_date DATE NOT NULL,
    customer_id BIGINT,
    subject TEXT NOT NULL,
    geom geometry(POINT,4326),
    rung SMALLINT NOT NULL,
    answer TEXT NOT NULL,
    reason TEXT,
    distance_m DOUBLE PRECISION,
    edge_m DOUBLE PRECISION,
    plan_id BIGINT,
    ground_version INTEGER,
    grid_id BIGINT,
    holder_branch_id BIGINT,
    batch UUID,
    detail JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_lending_check PRIMARY KEY (id),
    CONSTRAINT ck_lending_check_answer CHECK (answer IN ('in','out','edge','unknown')),
    CONSTRAINT ck_lending_check_rung CHECK (rung BETWEEN 0 AND 6),
    CONSTRAINT fk_lending_check_asked_by FOREIGN KEY(asked_by) REFERENCES app_user (id),
    CONSTRAINT fk_lending_check_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id)
);
CREATE INDEX ix_lending_check_branch_id ON lending_check (branch_id, asked_at);
CREATE INDEX ix_lending_check_batch ON lending_check (batch) WHERE batch IS NOT NULL;
CREATE TABLE lending_exception (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    check_id BIGINT NOT NULL,
    branch_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    asked_by BIGINT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    state TEXT DEFAULT 'asked' NOT NULL,
    decided_by BIGINT,
    decided_at TIMESTAMP WITH TIME ZONE,
    decision_note TEXT,
    valid_until DATE,
    withdrawn_by BIGINT,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_lending_exception PRIMARY KEY (id),
    CONSTRAINT ck_lending_exception_state CHECK (state IN ('asked','approved','refused','withdrawn')),
    CONSTRAINT ck_lending_exception_two_people CHECK (state NOT IN ('approved','refused')
        OR (decided_by IS NOT NULL AND decided_by <> asked_by)),
    CONSTRAINT ck_lending_exception_decided CHECK (state NOT IN ('approved','refused')
        OR decided_at IS NOT NULL AND decision_note IS NOT NULL),
    CONSTRAINT ck_lending_exception_until CHECK (state <> 'approved' OR valid_until IS NOT NULL),
    CONSTRAINT ck_lending_exception_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CONSTRAINT fk_lending_exception_check_id FOREIGN KEY(check_id) REFERENCES lending_check (id),
    CONSTRAINT fk_lending_exception_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id),
    CONSTRAINT fk_lending_exception_asked_by FOREIGN KEY(asked_by) REFERENCES app_user (id),
    CONSTRAINT fk_lending_exception_decided_by FOREIGN KEY(decided_by) REFERENCES app_user (id),
    CONSTRAINT fk_lending_exception_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES app_user (id)
);
CREATE INDEX ix_lending_exception_branch_id ON lending_exception (branch_id, state);
CREATE UNIQUE INDEX uq_lending_exception_open ON lending_exception (check_id) WHERE state IN ('asked','approved');
