-- What the strategy map keeps beside the plan: each section is one room's. Frozen once released.

-- Visits: of a customer or of a grid as a whole, of which kind, by which clock, and whether the reporter
-- stood in the grid he reports from. Columns that may be empty: old code goes on writing beside new.
ALTER TABLE visit ALTER COLUMN customer_id DROP NOT NULL;
ALTER TABLE visit ADD COLUMN kind TEXT NOT NULL DEFAULT 'visit';
ALTER TABLE visit ADD COLUMN phone_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE visit ADD COLUMN clock_off_s BIGINT;
ALTER TABLE visit ADD COLUMN inside_grid BOOLEAN;
ALTER TABLE visit DROP CONSTRAINT ck_visit_outcome;
ALTER TABLE visit ADD CONSTRAINT ck_visit_outcome
    CHECK (outcome IN ('met','absent','refused','signed','done') AND (customer_id IS NULL) = (outcome = 'done'));
ALTER TABLE visit ADD CONSTRAINT ck_visit_kind CHECK (kind IN ('visit','phone','follow','sweep','talk'));
CREATE INDEX ix_visit_staff_id ON visit (staff_id, visited_at);

-- Photographs of visits: the file lies in the home under a name of chance, its hash is here.
CREATE TABLE visit_photo (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    visit_id BIGINT NOT NULL,
    client_key TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_visit_photo PRIMARY KEY (id),
    CONSTRAINT uq_visit_photo_client_key UNIQUE (client_key),
    CONSTRAINT fk_visit_photo_visit_id FOREIGN KEY(visit_id) REFERENCES visit (id) ON DELETE CASCADE
);
CREATE INDEX ix_visit_photo_visit_id ON visit_photo (visit_id);
-- Search: beginnings of customers' names.
CREATE INDEX ix_customer_name ON customer (name text_pattern_ops);

-- Indicators of closed months, a row a grid under its lasting key: numerators and denominators as they were, with the
-- branch and the manager of that time. What nobody knew is empty. Frozen once written.
CREATE TABLE indicator_month (
    month DATE NOT NULL,
    grid_key BIGINT NOT NULL,
    branch_id BIGINT,
    staff_id BIGINT,
    existing INTEGER NOT NULL,
    prospects INTEGER NOT NULL,
    visited INTEGER NOT NULL,
    filed INTEGER NOT NULL,
    covered INTEGER NOT NULL,
    households INTEGER,
    lost INTEGER,
    existing_before INTEGER,
    won INTEGER,
    prospects_before INTEGER,
    deposit_yuan NUMERIC(18, 2),
    closed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_indicator_month PRIMARY KEY (month, grid_key),
    CONSTRAINT ck_indicator_month_month CHECK (month = date_trunc('month', month)),
    CONSTRAINT fk_indicator_month_grid_key FOREIGN KEY(grid_key) REFERENCES grid_key (id),
    CONSTRAINT fk_indicator_month_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id),
    CONSTRAINT fk_indicator_month_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE INDEX ix_indicator_month_branch_id ON indicator_month (branch_id);
CREATE INDEX ix_indicator_month_staff_id ON indicator_month (staff_id);
CREATE FUNCTION getu_keep_month() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'a closed month is frozen' USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER indicator_month_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON indicator_month
    FOR EACH STATEMENT EXECUTE FUNCTION getu_keep_month();

-- Who became a customer, stopped being one, vanished or came back, and in whose grid he stood then. Written by the
-- statements that change customers, in their transaction.
CREATE TABLE customer_change (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    customer_id BIGINT NOT NULL,
    grid_key BIGINT,
    stood TEXT NOT NULL,
    stands TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_customer_change PRIMARY KEY (id),
    CONSTRAINT ck_customer_change_states CHECK (stood IN ('existing','prospect','gone')
        AND stands IN ('existing','prospect','gone'))
);
CREATE INDEX ix_customer_change_changed_at ON customer_change (changed_at);
