-- The database roles of Getu. They belong to the whole server, so they are made if missing and never dropped.
-- None inherits: a policy "TO getu_head" would apply to every role that inherits from it (seen: a branch user
-- read a million rows instead of ten thousand).
DO $$
DECLARE r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['getu_owner', 'getu_head', 'getu_scoped', 'getu_ground', 'getu_work', 'getu_gate'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS', r);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END $$;
