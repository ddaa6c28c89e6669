-- Work on plans: ledger, offers, staffing changes, branch rules. Frozen: a change is a new migration.

ALTER TABLE plan ADD COLUMN base_plan_id BIGINT, ADD COLUMN min_width_m DOUBLE PRECISION,
    ADD COLUMN min_area_m2 DOUBLE PRECISION, ADD COLUMN precedence TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN step_no INTEGER DEFAULT '0' NOT NULL, ADD COLUMN certified_by BIGINT,
    ADD COLUMN checked_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT fk_plan_base_plan_id FOREIGN KEY(base_plan_id) REFERENCES plan (id) ON DELETE SET NULL,
    ADD CONSTRAINT fk_plan_certified_by FOREIGN KEY(certified_by) REFERENCES app_user (id);

ALTER TABLE grid ADD COLUMN locked BOOLEAN DEFAULT 'false' NOT NULL, ADD COLUMN allotted TEXT,
    ADD CONSTRAINT ck_grid_allotted
        CHECK (allotted IN ('offered_branch','in_branch','offered_manager','held','returned'));

ALTER TABLE app_user ADD COLUMN team TEXT,
    ADD CONSTRAINT ck_app_user_team CHECK (team IN ('grids','data','products','marketing','risk','service')),
    ADD CONSTRAINT ck_app_user_team_is_of_head_office CHECK (team IS NULL OR role = 'head');

ALTER TABLE finding ADD COLUMN detail JSONB DEFAULT '{}' NOT NULL, DROP CONSTRAINT ck_finding_kind;
ALTER TABLE finding ADD CONSTRAINT ck_finding_kind CHECK (kind IN ('overlap','gap','sliver','nested','duplicate',
    'invalid','outside','multipart','no_customers','no_primary','two_primaries','branch_type'));

CREATE INDEX ix_placement_unit_code ON placement (unit_code) WHERE geom IS NULL;

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

CREATE TABLE grid_target (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    grid_id BIGINT NOT NULL,
    measure TEXT NOT NULL,
    period TEXT NOT NULL,
    target NUMERIC(14, 2) NOT NULL,
    done NUMERIC(14, 2),
    set_by BIGINT,
    set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_grid_target PRIMARY KEY (id),
    CONSTRAINT ck_grid_target_target CHECK (target > 0),
    CONSTRAINT ck_grid_target_done CHECK (done IS NULL OR done >= 0),
    CONSTRAINT fk_grid_target_grid_id FOREIGN KEY(grid_id) REFERENCES grid (id) ON DELETE CASCADE
);

CREATE INDEX ix_grid_target_period ON grid_target (period);

CREATE UNIQUE INDEX uq_grid_target_what ON grid_target (grid_id, measure, period);

CREATE TABLE branch_contact (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    branch_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    valid DATERANGE NOT NULL,
    CONSTRAINT pk_branch_contact PRIMARY KEY (id),
    CONSTRAINT ex_branch_contact_one_on_a_date EXCLUDE USING gist (branch_id WITH =, valid WITH &&),
    CONSTRAINT fk_branch_contact_branch_id FOREIGN KEY(branch_id) REFERENCES branch (id),
    CONSTRAINT fk_branch_contact_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
);

CREATE INDEX ix_branch_contact_staff_id ON branch_contact (staff_id);

CREATE TABLE work_rule (
    grid_kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    zh TEXT NOT NULL,
    en TEXT DEFAULT '' NOT NULL,
    every TEXT NOT NULL,
    CONSTRAINT pk_work_rule PRIMARY KEY (grid_kind, number),
    CONSTRAINT ck_work_rule_every CHECK (every IN ('day','week','month','quarter','year','once'))
);

CREATE TABLE grid_post (
    grid_id BIGINT NOT NULL,
    post TEXT NOT NULL,
    staff_id BIGINT NOT NULL,
    CONSTRAINT pk_grid_post PRIMARY KEY (grid_id, post),
    CONSTRAINT ck_grid_post_post CHECK (post IN ('manages','answers','does','supervises')),
    CONSTRAINT fk_grid_post_grid_id FOREIGN KEY(grid_id) REFERENCES grid (id) ON DELETE CASCADE,
    CONSTRAINT fk_grid_post_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
);

CREATE INDEX ix_grid_post_staff_id ON grid_post (staff_id);

CREATE TABLE letter_signature (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    plan_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    signed_on DATE NOT NULL,
    recorded_by BIGINT,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_letter_signature PRIMARY KEY (id),
    CONSTRAINT fk_letter_signature_plan_id FOREIGN KEY(plan_id) REFERENCES plan (id) ON DELETE CASCADE,
    CONSTRAINT fk_letter_signature_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
);

CREATE INDEX ix_letter_signature_staff_id ON letter_signature (staff_id);

CREATE UNIQUE INDEX uq_letter_signature_plan_id_staff_id ON letter_signature (plan_id, staff_id);

CREATE TABLE problem (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    grid_id BIGINT NOT NULL,
    geom geometry(POINT,4326),
    title TEXT NOT NULL,
    detail TEXT DEFAULT '' NOT NULL,
    due_on DATE NOT NULL,
    staff_id BIGINT,
    state TEXT DEFAULT 'open' NOT NULL,
    answer TEXT,
    opened_by BIGINT,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    done_by BIGINT,
    done_at TIMESTAMP WITH TIME ZONE,
    closed_by BIGINT,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_problem PRIMARY KEY (id),
    CONSTRAINT ck_problem_state CHECK (state IN ('open','done','closed')),
    CONSTRAINT fk_problem_grid_id FOREIGN KEY(grid_id) REFERENCES grid (id) ON DELETE CASCADE,
    CONSTRAINT fk_problem_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
);

CREATE INDEX ix_problem_grid_id ON problem (grid_id);

CREATE INDEX ix_problem_staff_id ON problem (staff_id);

CREATE INDEX ix_problem_state ON problem (state, due_on);

INSERT INTO branch_type_rule (branch_type, grid_kind, verdict) VALUES
    ('urban', 'village', 'notice'), ('rural', 'street', 'notice'), ('rural', 'district', 'notice');

INSERT INTO work_rule (grid_kind, number, zh, en, every) VALUES
    ('village', 1, '走访村两委，核对整村名册', 'Meet the village committee and check the roster', 'month'),
    ('village', 2, '走访未服务农户不少于 20 户', 'Visit at least 20 households not yet served', 'month'),
    ('village', 3, '更新种养大户、合作社信息', 'Update growers, breeders and cooperatives', 'quarter'),
    ('community', 1, '社区网点服务日一次', 'One service day in the community', 'month'),
    ('community', 2, '走访沿街商户不少于 15 户', 'Visit at least 15 shops on the streets', 'month'),
    ('street', 1, '扫街一遍，登记新开与停业商户', 'Walk the street; note shops opened and closed', 'month'),
    ('market', 1, '摊位走访一遍，核对收单设备', 'Visit every stall and check its payment device', 'week'),
    ('market', 2, '与市场管理方会商一次', 'Meet the market''s management', 'month'),
    ('district', 1, '商圈商户走访一遍', 'Visit every shop of the district', 'month'),
    ('park', 1, '走访园区企业不少于 5 家', 'Visit at least 5 firms of the park', 'month');
