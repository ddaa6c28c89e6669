-- The tables of placement: doubts, decisions, what was learned, providers, households. Frozen: a change is a new migration.

ALTER TABLE customer ADD COLUMN relation text;
ALTER TABLE intake_row ADD COLUMN relation text, ADD COLUMN doubt jsonb;
ALTER TABLE assignment_run ADD COLUMN reassigned BIGINT DEFAULT '0' NOT NULL;

CREATE TABLE placement_case (
    customer_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    prefix TEXT NOT NULL,
    town_code TEXT,
    answer JSONB NOT NULL,
    detail JSONB DEFAULT '{}' NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_placement_case PRIMARY KEY (customer_id),
    CONSTRAINT ck_placement_case_kind CHECK (kind IN ('ambiguous','outside','low_score','contradiction')),
    CONSTRAINT ck_placement_case_state CHECK (state IN ('open','later','decided'))
);

CREATE INDEX ix_placement_case_list ON placement_case (state, kind, score, customer_id);

CREATE INDEX ix_placement_case_prefix ON placement_case (prefix);

CREATE TABLE placement_step (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    customer_id BIGINT NOT NULL,
    user_id BIGINT,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    action TEXT NOT NULL,
    batch BIGINT NOT NULL,
    before JSONB NOT NULL,
    after JSONB NOT NULL,
    accuracy_m DOUBLE PRECISION,
    note TEXT,
    undoes BIGINT,
    client_key TEXT,
    CONSTRAINT pk_placement_step PRIMARY KEY (id),
    CONSTRAINT ck_placement_step_action CHECK (action IN ('choose','pin','outside','unclear','later','undo')),
    CONSTRAINT fk_placement_step_undoes FOREIGN KEY(undoes) REFERENCES placement_step (id)
);

CREATE INDEX ix_placement_step_batch ON placement_step (batch);

CREATE INDEX ix_placement_step_customer_id ON placement_step (customer_id);

CREATE UNIQUE INDEX uq_placement_step_client_key ON placement_step (client_key);

CREATE UNIQUE INDEX uq_placement_step_undoes ON placement_step (undoes);

CREATE TABLE place_correction (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    prefix TEXT NOT NULL,
    place_code TEXT NOT NULL,
    customer_id BIGINT NOT NULL,
    user_id BIGINT,
    step_id BIGINT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_place_correction PRIMARY KEY (id),
    CONSTRAINT fk_place_correction_step_id FOREIGN KEY(step_id) REFERENCES placement_step (id)
);

CREATE INDEX ix_place_correction_prefix ON place_correction (prefix);

CREATE INDEX ix_place_correction_step_id ON place_correction (step_id);

CREATE TABLE place_alias (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    alias TEXT NOT NULL,
    place_code TEXT NOT NULL,
    state TEXT DEFAULT 'proposed' NOT NULL,
    corrections INTEGER NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    decided_by BIGINT,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_place_alias PRIMARY KEY (id),
    CONSTRAINT ck_place_alias_state CHECK (state IN ('proposed','approved','rejected'))
);

CREATE UNIQUE INDEX uq_place_alias_form ON place_alias (alias, place_code);

CREATE UNIQUE INDEX uq_place_alias_approved ON place_alias (alias) WHERE state = 'approved';

CREATE TABLE placement_run (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version TEXT NOT NULL,
    scope TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    counts JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_placement_run PRIMARY KEY (id)
);

CREATE TABLE geocode_cache (
    provider TEXT NOT NULL,
    key TEXT NOT NULL,
    raw JSONB NOT NULL,
    rung INTEGER NOT NULL,
    match_level TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    geom geometry(POINT,4326),
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_geocode_cache PRIMARY KEY (provider, key)
);

CREATE TABLE provider_use (
    provider TEXT NOT NULL,
    day DATE NOT NULL,
    asked INTEGER DEFAULT '0' NOT NULL,
    failed INTEGER DEFAULT '0' NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE,
    stopped TEXT,
    CONSTRAINT pk_provider_use PRIMARY KEY (provider, day)
);

CREATE TABLE household (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    state TEXT DEFAULT 'proposed' NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    head_customer_id BIGINT,
    unit_code TEXT,
    address_key TEXT,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_household PRIMARY KEY (id),
    CONSTRAINT ck_household_state CHECK (state IN ('proposed','confirmed'))
);

CREATE INDEX ix_household_unit_code ON household (unit_code);

CREATE TABLE household_member (
    customer_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    state TEXT DEFAULT 'proposed' NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    reasons TEXT[] NOT NULL,
    CONSTRAINT pk_household_member PRIMARY KEY (customer_id),
    CONSTRAINT ck_household_member_state CHECK (state IN ('proposed','confirmed')),
    CONSTRAINT fk_household_member_household_id FOREIGN KEY(household_id) REFERENCES household (id) ON DELETE CASCADE
);

CREATE INDEX ix_household_member_household_id ON household_member (household_id);

CREATE TABLE household_apart (
    customer_a BIGINT NOT NULL,
    customer_b BIGINT NOT NULL,
    user_id BIGINT,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_household_apart PRIMARY KEY (customer_a, customer_b),
    CONSTRAINT ck_household_apart_ordered CHECK (customer_a < customer_b)
);

CREATE TABLE household_step (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    household_id BIGINT NOT NULL,
    customer_ids BIGINT[] NOT NULL,
    user_id BIGINT,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    action TEXT NOT NULL,
    before JSONB NOT NULL,
    after JSONB NOT NULL,
    undoes BIGINT,
    CONSTRAINT pk_household_step PRIMARY KEY (id),
    CONSTRAINT ck_household_step_action CHECK (action IN ('confirm','split','join','undo')),
    CONSTRAINT fk_household_step_undoes FOREIGN KEY(undoes) REFERENCES household_step (id)
);

CREATE UNIQUE INDEX uq_household_step_undoes ON household_step (undoes);
