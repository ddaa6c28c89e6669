-- The first tables of Getu. Frozen: a change is a new migration.

CREATE TABLE assignment (
    run_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    grid_id BIGINT,
    rung SMALLINT NOT NULL,
    method TEXT NOT NULL,
    reason TEXT,
    standing TEXT NOT NULL,
    tier TEXT NOT NULL,
    geom geometry(POINT,4326),
    CONSTRAINT pk_assignment PRIMARY KEY (customer_id, run_id)
)
 PARTITION BY LIST (run_id);

CREATE INDEX ix_assignment_geom ON assignment USING gist (geom);

CREATE INDEX ix_assignment_grid_id ON assignment (grid_id, tier);

CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    user_id BIGINT,
    action TEXT NOT NULL,
    subject TEXT,
    customer_ids BIGINT[] DEFAULT '{}' NOT NULL,
    detail JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (id)
);

CREATE INDEX ix_audit_user_id ON audit (user_id, at);

CREATE TABLE audit_seal (
    to_id BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_audit_seal PRIMARY KEY (to_id)
);

CREATE TABLE branch (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT DEFAULT 'branch' NOT NULL,
    branch_type TEXT,
    parent_id BIGINT,
    town_code TEXT,
    address TEXT,
    geom geometry(POINT,4326),
    CONSTRAINT pk_branch PRIMARY KEY (id),
    CONSTRAINT ck_branch_kind CHECK (kind IN ('head_office', 'branch', 'outlet')),
    CONSTRAINT ck_branch_branch_type CHECK (branch_type IN ('urban', 'rural', 'suburban')),
    CONSTRAINT uq_branch_code UNIQUE (code),
    CONSTRAINT fk_branch_parent_id FOREIGN KEY(parent_id) REFERENCES branch (id)
);

CREATE TABLE customer (
    id BIGSERIAL NOT NULL,
    source_code TEXT NOT NULL,
    source_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    standing TEXT NOT NULL,
    name TEXT NOT NULL,
    id_card_enc BYTEA,
    id_card_hash BYTEA,
    phone_enc BYTEA,
    phone_hash BYTEA,
    address TEXT,
    household_no TEXT,
    tier TEXT DEFAULT 'regular' NOT NULL,
    lead_level TEXT,
    booking_branch_code TEXT,
    deposit_yuan NUMERIC(16, 2),
    loan_yuan NUMERIC(16, 2),
    filed BOOLEAN DEFAULT 'false' NOT NULL,
    last_visit_on DATE,
    import_id BIGINT,
    CONSTRAINT pk_customer PRIMARY KEY (id),
    CONSTRAINT ck_customer_kind CHECK (kind IN ('person','household','firm','merchant')),
    CONSTRAINT ck_customer_standing CHECK (standing IN ('existing','prospect')),
    CONSTRAINT ck_customer_tier CHECK (tier IN ('strategic','key','regular')),
    CONSTRAINT ck_customer_lead_level CHECK (lead_level IN ('head_office','branch','team','outlet'))
);

CREATE INDEX ix_customer_id_card_hash ON customer (id_card_hash);

CREATE INDEX ix_customer_phone_hash ON customer (phone_hash);

CREATE INDEX ix_customer_tier ON customer (tier) WHERE tier <> 'regular';

CREATE UNIQUE INDEX uq_customer_source_key ON customer (source_code, source_key);

CREATE TABLE intake_row (
    import_id BIGINT NOT NULL,
    row_no BIGINT NOT NULL,
    source_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    standing TEXT NOT NULL,
    name TEXT NOT NULL,
    id_card_enc BYTEA,
    id_card_hash BYTEA,
    phone_enc BYTEA,
    phone_hash BYTEA,
    address TEXT,
    household_no TEXT,
    tier TEXT NOT NULL,
    lead_level TEXT,
    booking_branch_code TEXT,
    deposit_yuan NUMERIC(16, 2),
    loan_yuan NUMERIC(16, 2),
    filed BOOLEAN NOT NULL,
    last_visit_on DATE,
    rung SMALLINT NOT NULL,
    method TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    geom geometry(POINT,4326),
    place_code TEXT,
    unit_code TEXT,
    accuracy_m DOUBLE PRECISION,
    datum TEXT,
    CONSTRAINT pk_intake_row PRIMARY KEY (import_id, row_no)
)
 PARTITION BY LIST (import_id);

CREATE TABLE placement (
    customer_id BIGINT NOT NULL,
    rung SMALLINT NOT NULL,
    method TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    geom geometry(POINT,4326),
    place_code TEXT,
    unit_code TEXT,
    accuracy_m DOUBLE PRECISION,
    datum TEXT,
    CONSTRAINT pk_placement PRIMARY KEY (customer_id),
    CONSTRAINT ck_placement_rung CHECK (rung BETWEEN 0 AND 6)
);

CREATE TABLE source_system (
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    trust_rank INTEGER NOT NULL,
    CONSTRAINT pk_source_system PRIMARY KEY (code)
);

CREATE TABLE staff (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    branch_id BIGINT NOT NULL,
    phone TEXT,
    active BOOLEAN DEFAULT 'true' NOT NULL,
    CONSTRAINT pk_staff PRIMARY KEY (id),
    CONSTRAINT ck_staff_kind CHECK (kind IN ('department', 'branch_head', 'manager', 'liaison', 'terminal_administrator')),
    CONSTRAINT uq_staff_code UNIQUE (code),
    CONSTRAINT fk_staff_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id)
);

CREATE INDEX ix_staff_branch_id ON staff (branch_id);

CREATE TABLE app_user (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    staff_id BIGINT,
    branch_id BIGINT,
    active BOOLEAN DEFAULT 'true' NOT NULL,
    failed_logins INTEGER DEFAULT '0' NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_app_user PRIMARY KEY (id),
    CONSTRAINT ck_app_user_role CHECK (role IN ('head','branch_head','manager','analyst','system')),
    CONSTRAINT ck_app_user_branch_head_has_branch CHECK (role NOT IN ('branch_head') OR branch_id IS NOT NULL),
    CONSTRAINT ck_app_user_manager_has_staff CHECK (role NOT IN ('manager') OR staff_id IS NOT NULL),
    CONSTRAINT uq_app_user_login UNIQUE (login),
    CONSTRAINT fk_app_user_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
    CONSTRAINT fk_app_user_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id)
);

CREATE TABLE api_key (
    prefix TEXT NOT NULL,
    key_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_key PRIMARY KEY (prefix),
    CONSTRAINT fk_api_key_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);

CREATE TABLE import_run (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    options JSONB DEFAULT '{}' NOT NULL,
    status TEXT NOT NULL,
    report JSONB DEFAULT '{}' NOT NULL,
    created_by BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_import_run PRIMARY KEY (id),
    CONSTRAINT ck_import_run_kind CHECK (kind IN ('boundaries','gazetteer','organisation','customers')),
    CONSTRAINT ck_import_run_status CHECK (status IN ('running','imported','needs_answer','rejected','failed','undone')),
    CONSTRAINT fk_import_run_created_by FOREIGN KEY(created_by) REFERENCES app_user (id)
);

CREATE INDEX ix_import_run_sha256 ON import_run (sha256);

CREATE TABLE job (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    args JSONB NOT NULL,
    status TEXT DEFAULT 'waiting' NOT NULL,
    attempt INTEGER DEFAULT '0' NOT NULL,
    checkpoint JSONB DEFAULT '{}' NOT NULL,
    stage TEXT DEFAULT '' NOT NULL,
    done BIGINT DEFAULT '0' NOT NULL,
    total BIGINT DEFAULT '0' NOT NULL,
    result JSONB,
    error JSONB,
    cancel_asked BOOLEAN DEFAULT 'false' NOT NULL,
    created_by BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_job PRIMARY KEY (id),
    CONSTRAINT ck_job_status CHECK (status IN ('waiting','running','done','failed','cancelled')),
    CONSTRAINT fk_job_created_by FOREIGN KEY(created_by) REFERENCES app_user (id)
);

CREATE INDEX ix_job_status ON job (status);

CREATE TABLE plan (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT DEFAULT 'draft' NOT NULL,
    market_rule TEXT DEFAULT 'cut' NOT NULL,
    valid DATERANGE,
    frame geometry(MULTIPOLYGON,4326) NOT NULL,
    synthetic BOOLEAN DEFAULT 'false' NOT NULL,
    ground_version INTEGER DEFAULT '1' NOT NULL,
    checked_version INTEGER,
    certificate JSONB,
    certificate_no TEXT,
    created_by BIGINT,
    approved_by BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_plan PRIMARY KEY (id),
    CONSTRAINT ck_plan_status CHECK (status IN ('draft','checked','approved','in_force','retired')),
    CONSTRAINT ck_plan_market_rule CHECK (market_rule IN ('cut','overlay')),
    CONSTRAINT ck_plan_in_force_has_certificate CHECK (status <> 'in_force' OR certificate IS NOT NULL),
    CONSTRAINT ck_plan_two_people CHECK (approved_by IS NULL OR approved_by <> created_by),
    CONSTRAINT ex_plan_one_in_force EXCLUDE USING gist (valid WITH &&) WHERE (status IN ('in_force','retired')),
    CONSTRAINT uq_plan_code UNIQUE (code),
    CONSTRAINT uq_plan_certificate_no UNIQUE (certificate_no),
    CONSTRAINT fk_plan_created_by FOREIGN KEY(created_by) REFERENCES app_user (id),
    CONSTRAINT fk_plan_approved_by FOREIGN KEY(approved_by) REFERENCES app_user (id)
);

CREATE TABLE user_session (
    token_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    csrf TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_user_session PRIMARY KEY (token_hash),
    CONSTRAINT fk_user_session_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);

CREATE INDEX ix_user_session_user_id ON user_session (user_id);

CREATE TABLE assignment_run (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    plan_id BIGINT NOT NULL,
    ground_version INTEGER NOT NULL,
    current BOOLEAN DEFAULT 'false' NOT NULL,
    total INTEGER DEFAULT '0' NOT NULL,
    assigned INTEGER DEFAULT '0' NOT NULL,
    contested INTEGER DEFAULT '0' NOT NULL,
    outside INTEGER DEFAULT '0' NOT NULL,
    unlocated INTEGER DEFAULT '0' NOT NULL,
    by_method JSONB DEFAULT '{}' NOT NULL,
    unassigned JSONB DEFAULT '{}' NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_assignment_run PRIMARY KEY (id),
    CONSTRAINT ck_assignment_run_counts_sum CHECK (assigned + contested + outside + unlocated = total),
    CONSTRAINT fk_assignment_run_plan_id FOREIGN KEY(plan_id) REFERENCES plan (id)
);

CREATE UNIQUE INDEX uq_assignment_run_current ON assignment_run (current) WHERE current;

CREATE TABLE finding (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    plan_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    grid_ids BIGINT[] DEFAULT '{}' NOT NULL,
    codes TEXT[] DEFAULT '{}' NOT NULL,
    names TEXT[] DEFAULT '{}' NOT NULL,
    geom geometry(MULTIPOLYGON,4326) NOT NULL,
    area_m2 DOUBLE PRECISION NOT NULL,
    width_m DOUBLE PRECISION NOT NULL,
    customers INTEGER DEFAULT '0' NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_finding PRIMARY KEY (id),
    CONSTRAINT ck_finding_kind CHECK (kind IN ('overlap','gap','sliver','nested','duplicate','invalid','outside')),
    CONSTRAINT ck_finding_severity CHECK (severity IN ('must_fix','confirm','harmless')),
    CONSTRAINT ck_finding_state CHECK (state IN ('open','allowed','mended')),
    CONSTRAINT fk_finding_plan_id FOREIGN KEY(plan_id) REFERENCES plan (id) ON DELETE CASCADE
);

CREATE INDEX ix_finding_plan_id ON finding (plan_id);

CREATE TABLE grid (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    plan_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    level INTEGER DEFAULT '3' NOT NULL,
    branch_id BIGINT,
    unit_codes TEXT[] DEFAULT '{}' NOT NULL,
    town_code TEXT,
    town_name TEXT,
    households INTEGER,
    geom geometry(MULTIPOLYGON,4326) NOT NULL,
    anchor geometry(POINT,4326) NOT NULL,
    area_m2 DOUBLE PRECISION NOT NULL,
    colour_no INTEGER DEFAULT '0' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_grid PRIMARY KEY (id),
    CONSTRAINT ck_grid_level CHECK (level BETWEEN 1 AND 3),
    CONSTRAINT fk_grid_plan_id FOREIGN KEY(plan_id) REFERENCES plan (id) ON DELETE CASCADE,
    CONSTRAINT fk_grid_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id)
);

CREATE INDEX ix_grid_branch_id ON grid (branch_id);

CREATE INDEX ix_grid_geom ON grid USING gist (geom);

CREATE UNIQUE INDEX uq_grid_plan_id_code ON grid (plan_id, code);

CREATE TABLE place (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    code_source TEXT NOT NULL,
    level TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent_code TEXT,
    name TEXT NOT NULL,
    official_name TEXT,
    full_path TEXT,
    aliases TEXT[] DEFAULT '{}' NOT NULL,
    former_names TEXT[] DEFAULT '{}' NOT NULL,
    geom geometry(POINT,4326),
    coord_source TEXT,
    import_id BIGINT,
    CONSTRAINT pk_place PRIMARY KEY (id),
    CONSTRAINT fk_place_import_id FOREIGN KEY(import_id) REFERENCES import_run (id)
);

CREATE INDEX ix_place_code ON place (code);

CREATE INDEX ix_place_import_id ON place (import_id);

CREATE TABLE unit (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    code_source TEXT NOT NULL,
    year INTEGER,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    official_name TEXT,
    former_names TEXT[] DEFAULT '{}' NOT NULL,
    town_code TEXT,
    town_name TEXT,
    households INTEGER,
    residents INTEGER,
    geom geometry(MULTIPOLYGON,4326) NOT NULL,
    area_m2 DOUBLE PRECISION NOT NULL,
    synthetic BOOLEAN DEFAULT 'false' NOT NULL,
    valid DATERANGE NOT NULL,
    import_id BIGINT,
    CONSTRAINT pk_unit PRIMARY KEY (id),
    CONSTRAINT ck_unit_kind CHECK (kind IN ('frame','county','town','village','community','street','district','market','park','compound')),
    CONSTRAINT fk_unit_import_id FOREIGN KEY(import_id) REFERENCES import_run (id)
);

CREATE INDEX ix_unit_code ON unit (code, code_source);

CREATE INDEX ix_unit_geom ON unit USING gist (geom);

CREATE INDEX ix_unit_import_id ON unit (import_id);

CREATE TABLE assignment_move (
    run_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    from_grid_id BIGINT,
    to_grid_id BIGINT,
    moved_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_assignment_move PRIMARY KEY (run_id, customer_id),
    CONSTRAINT fk_assignment_move_run_id FOREIGN KEY(run_id) REFERENCES assignment_run (id) ON DELETE CASCADE
);

CREATE TABLE duty (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    grid_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(now(), NULL) NOT NULL,
    reason TEXT,
    CONSTRAINT pk_duty PRIMARY KEY (id),
    CONSTRAINT ck_duty_role CHECK (role IN ('primary','backup','liaison','terminal_administrator')),
    CONSTRAINT ex_duty_one_primary EXCLUDE USING gist (grid_id WITH =, valid WITH &&) WHERE (role = 'primary' AND upper_inf(recorded)),
    CONSTRAINT fk_duty_grid_id FOREIGN KEY(grid_id) REFERENCES grid (id) ON DELETE CASCADE,
    CONSTRAINT fk_duty_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
);

CREATE INDEX ix_duty_grid_id ON duty (grid_id);

CREATE INDEX ix_duty_staff_id ON duty (staff_id);

CREATE TABLE grid_count (
    grid_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    existing INTEGER NOT NULL,
    prospects INTEGER NOT NULL,
    rungs BIGINT[] NOT NULL,
    located_existing INTEGER NOT NULL,
    strategic INTEGER NOT NULL,
    key INTEGER NOT NULL,
    filed INTEGER NOT NULL,
    visited INTEGER NOT NULL,
    covered_households INTEGER NOT NULL,
    CONSTRAINT pk_grid_count PRIMARY KEY (grid_id),
    CONSTRAINT fk_grid_count_grid_id FOREIGN KEY(grid_id) REFERENCES grid (id) ON DELETE CASCADE,
    CONSTRAINT fk_grid_count_run_id FOREIGN KEY(run_id) REFERENCES assignment_run (id) ON DELETE CASCADE
);

CREATE TABLE visit (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    client_key TEXT NOT NULL,
    customer_id BIGINT NOT NULL,
    grid_id BIGINT NOT NULL,
    staff_id BIGINT,
    visited_at TIMESTAMP WITH TIME ZONE NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT,
    geom geometry(POINT,4326),
    accuracy_m DOUBLE PRECISION,
    CONSTRAINT pk_visit PRIMARY KEY (id),
    CONSTRAINT ck_visit_outcome CHECK (outcome IN ('met','absent','refused','signed')),
    CONSTRAINT uq_visit_client_key UNIQUE (client_key),
    CONSTRAINT fk_visit_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id),
    CONSTRAINT fk_visit_grid_id FOREIGN KEY(grid_id) REFERENCES grid (id),
    CONSTRAINT fk_visit_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
);

CREATE INDEX ix_visit_customer_id ON visit (customer_id);

CREATE INDEX ix_visit_grid_id ON visit (grid_id, visited_at);
