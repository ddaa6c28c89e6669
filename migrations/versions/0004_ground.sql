-- Work on plans: ledger, offers, staffing changes, branch rules. Frozen: a change is a new migration.

ALTER TABLE plan ADD COLUMN base_plan_id BIGINT, ADD COLUMN min_width_m DOUBLE PRECISION,
    ADD COLUMN min_area_m2 DOUBLE PRECISION, ADD COLUMN precedence TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN step_no INTEGER DEFAULT '0' NOT NULL, ADD COLUMN certified_by BIGINT,
    ADD CONSTRAINT fk_plan_base_plan_id FOREIGN KEY(base_plan_id) REFERENCES plan (id) ON DELETE SET NULL,
    ADD CONSTRAINT fk_plan_certified_by FOREIGN KEY(certified_by) REFERENCES app_user (id);

ALTER TABLE grid ADD COLUMN locked BOOLEAN DEFAULT 'false' NOT NULL, ADD COLUMN allotted TEXT,
    ADD CONSTRAINT ck_grid_allotted
        CHECK (allotted IN ('offered_branch','in_branch','offered_manager','held','returned'));

ALTER TABLE finding ADD COLUMN detail JSONB DEFAULT '{}' NOT NULL, DROP CONSTRAINT ck_finding_kind;
ALTER TABLE finding ADD CONSTRAINT ck_finding_kind CHECK (kind IN ('overlap','gap','sliver','nested','duplicate',
    'invalid','outside','multipart','no_customers','no_primary','two_primaries','branch_type'));

CREATE TABLE plan_step (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    plan_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    act TEXT NOT NULL,
    title_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    detail JSONB DEFAULT '{}' NOT NULL,
    grid_ids BIGINT[] NOT NULL,
    before JSONB NOT NULL,
    after JSONB NOT NULL,
    ground_version INTEGER NOT NULL,
    user_id BIGINT,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    undoes BIGINT,
    CONSTRAINT pk_plan_step PRIMARY KEY (id),
    CONSTRAINT ck_plan_step_act CHECK (act IN ('draw','split','merge','move_edge','reshape','give_units','lock','unlock','rename','set_branch','remove','repair','clean','undo')),
    CONSTRAINT fk_plan_step_plan_id FOREIGN KEY(plan_id) REFERENCES plan (id) ON DELETE CASCADE,
    CONSTRAINT fk_plan_step_undoes FOREIGN KEY(undoes) REFERENCES plan_step (id) ON DELETE CASCADE
);

CREATE INDEX ix_plan_step_grid_ids ON plan_step USING gin (grid_ids);

CREATE UNIQUE INDEX uq_plan_step_plan_id_number ON plan_step (plan_id, number);

CREATE UNIQUE INDEX uq_plan_step_undoes ON plan_step (undoes);

CREATE TABLE allotment (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    plan_id BIGINT NOT NULL,
    grid_id BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    step TEXT NOT NULL,
    branch_id BIGINT NOT NULL,
    staff_id BIGINT,
    role TEXT DEFAULT 'primary' NOT NULL,
    state TEXT DEFAULT 'offered' NOT NULL,
    valid_from DATE NOT NULL,
    reason TEXT,
    former_branch_id BIGINT,
    offered_by BIGINT,
    offered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    answered_by BIGINT,
    answered_at TIMESTAMP WITH TIME ZONE,
    answer_reason TEXT,
    CONSTRAINT pk_allotment PRIMARY KEY (id),
    CONSTRAINT ck_allotment_step CHECK (step IN ('branch','manager')),
    CONSTRAINT ck_allotment_state CHECK (state IN ('offered','accepted','returned','withdrawn')),
    CONSTRAINT ck_allotment_role CHECK (role IN ('primary','backup','liaison','terminal_administrator')),
    CONSTRAINT ck_allotment_to_somebody CHECK ((step = 'manager') = (staff_id IS NOT NULL)),
    CONSTRAINT ck_allotment_returned_with_reason CHECK (state <> 'returned' OR answer_reason IS NOT NULL),
    CONSTRAINT fk_allotment_plan_id FOREIGN KEY(plan_id) REFERENCES plan (id) ON DELETE CASCADE,
    CONSTRAINT fk_allotment_grid_id FOREIGN KEY(grid_id) REFERENCES grid (id) ON DELETE CASCADE,
    CONSTRAINT fk_allotment_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id),
    CONSTRAINT fk_allotment_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
);

CREATE INDEX ix_allotment_batch ON allotment (batch);

CREATE INDEX ix_allotment_branch_id ON allotment (branch_id);

CREATE INDEX ix_allotment_grid_id ON allotment (grid_id);

CREATE INDEX ix_allotment_plan_id ON allotment (plan_id, state);

CREATE INDEX ix_allotment_staff_id ON allotment (staff_id);

CREATE UNIQUE INDEX uq_allotment_one_open ON allotment (grid_id, step, role) WHERE state = 'offered';

CREATE TABLE staffing_change (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    state TEXT DEFAULT 'draft' NOT NULL,
    staff_id BIGINT,
    branch_id BIGINT,
    into_branch_id BIGINT,
    plan_id BIGINT,
    valid DATERANGE NOT NULL,
    choices JSONB DEFAULT '{}' NOT NULL,
    bill JSONB DEFAULT '{}' NOT NULL,
    before JSONB,
    reason TEXT,
    created_by BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    applied_by BIGINT,
    applied_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_staffing_change PRIMARY KEY (id),
    CONSTRAINT ck_staffing_change_kind CHECK (kind IN ('leave','departure','branch_merge')),
    CONSTRAINT ck_staffing_change_state CHECK (state IN ('draft','applied','undone','cancelled')),
    CONSTRAINT fk_staffing_change_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
    CONSTRAINT fk_staffing_change_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id),
    CONSTRAINT fk_staffing_change_into_branch_id FOREIGN KEY(into_branch_id) REFERENCES branch (id),
    CONSTRAINT fk_staffing_change_plan_id FOREIGN KEY(plan_id) REFERENCES plan (id) ON DELETE CASCADE
);

CREATE INDEX ix_staffing_change_branch_id ON staffing_change (branch_id);

CREATE INDEX ix_staffing_change_staff_id ON staffing_change (staff_id);

CREATE TABLE branch_type_rule (
    branch_type TEXT NOT NULL,
    grid_kind TEXT NOT NULL,
    verdict TEXT NOT NULL,
    CONSTRAINT pk_branch_type_rule PRIMARY KEY (branch_type, grid_kind),
    CONSTRAINT ck_branch_type_rule_branch_type CHECK (branch_type IN ('urban','rural','suburban')),
    CONSTRAINT ck_branch_type_rule_verdict CHECK (verdict IN ('allowed','notice','confirm','forbidden'))
);

INSERT INTO branch_type_rule (branch_type, grid_kind, verdict) VALUES
    ('urban', 'village', 'notice'), ('rural', 'street', 'notice'), ('rural', 'district', 'notice');
